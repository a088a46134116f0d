import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { aiInferenceLine, hashText, securityEventLine, sqlQueryLine, userActionLine } from './events.ts'

describe('the lines of the four events', () => {
  it('hash a text to the first 8 bytes of its SHA-256, in hex', () => {
    const digest = createHash('sha256').update('select 1').digest()
    expect(hashText('select 1')).toBe(digest.subarray(0, 8).toString('hex'))
    expect(hashText('')).toBe('e3b0c44298fc1c14')
    expect(hashText('ü')).toMatch(/^[0-9a-f]{16}$/)
  })

  it('hold no text that was asked or who did it', () => {
    const secret = 'wages-of-ms-smith'
    const lines = [
      sqlQueryLine({ query: secret, durationMs: 1 }),
      aiInferenceLine({ model: 'm', prompt: secret, durationMs: 1 }),
      userActionLine({ action: 'export', userId: secret }),
      securityEventLine({ type: 'login_failed', severity: 'low', userId: secret }),
    ]
    for (const line of lines) expect(JSON.stringify([line.message, line.fields()])).not.toContain('wages')
    expect(lines[0]?.fields()).toMatchObject({ query_hash: hashText(secret), query_length: secret.length })
    expect(lines[1]?.fields()).toMatchObject({ prompt_length: secret.length })
    expect(lines[2]?.fields()).toMatchObject({ user_hash: hashText(secret) })
  })

  it('have a level by how it ended or how grave it is', () => {
    expect(sqlQueryLine({ query: '', durationMs: 1, status: 'rejected' }).level).toBe('warn')
    expect(aiInferenceLine({ model: 'm', prompt: '', durationMs: 1 }).level).toBe('info')
    const severities = ['low', 'medium', 'high', 'critical'] as const
    expect(severities.map((severity) => securityEventLine({ type: 't', severity }).level)).toEqual([
      'info',
      'warn',
      'error',
      'error',
    ])
  })

  it('take further fields, which win', () => {
    expect(sqlQueryLine({ query: 'x', durationMs: 1, fields: { tenant: 'a', rows: 3 } }).fields()).toMatchObject({
      tenant: 'a',
      rows: 3,
    })
  })
})
