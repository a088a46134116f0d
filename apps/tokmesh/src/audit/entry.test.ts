import { describe, expect, it } from 'vitest'
import { createEntries, systemEntry } from './entry.ts'

const facts = { operatorId: 'tmak-01hv3q4k7d0000000000000000', action: 'KEY_CREATED', result: 'SUCCESS' } as const
const secrets = [`tmtk_${'t'.repeat(43)}`, `tmas_${'s'.repeat(43)}`, `tmth_${'a'.repeat(64)}`]

describe('an audit entry', () => {
  it('has an id that grows, and the time', () => {
    const newEntry = createEntries({ clock: () => 1_469_918_176_385 })
    const [first, second] = [newEntry(facts), newEntry(facts)]
    expect(first).toMatchObject({
      timestamp: 1_469_918_176_385,
      resource: '',
      userAgent: '',
      details: {},
      clientIp: '',
    })
    expect(first.id).toMatch(/^audit-01aryz6s41[0-9a-hjkmnp-tv-z]{16}$/)
    expect(second.id > first.id).toBe(true)
  })

  it('holds no secret, wherever one was put', () => {
    const planted = secrets.join(' and ')
    const entry = createEntries()({
      ...facts,
      resource: `user:${planted}`,
      userAgent: `${'x'.repeat(500)}${planted}`,
      details: { description: planted, list: [planted, { deeper: planted }], n: 1 },
    })
    const text = JSON.stringify(entry)
    for (const secret of secrets) expect(text).not.toContain(secret.slice(0, 9))
    expect(entry.details.description).toContain('tmtk_***REDACTED***')
    expect(Array.from(entry.userAgent)).toHaveLength(512)
  })

  it('has only text that PostgreSQL takes, of at most 512 code points', () => {
    const entry = createEntries()({
      ...facts,
      userAgent: `\0\ud800${'🦊'.repeat(600)}`,
      resource: 'a\udc00b',
      details: { bad: '\0', good: '🦊', long: 'x'.repeat(1_000_000) },
    })
    expect(entry.userAgent).toBe(`\ufffd\ufffd${'🦊'.repeat(510)}`)
    expect(entry.resource).toBe('a\ufffdb')
    expect(entry.details).toEqual({ bad: '\ufffd', good: '🦊', long: 'x'.repeat(512) })
  })

  it('of the system has no address', () => {
    expect(systemEntry('KEY_CREATED', 'key:x', { role: 'admin' })).toMatchObject({
      ...{ operatorId: 'system', result: 'SUCCESS', details: { role: 'admin' } },
      ...{ clientIp: '', tcpRemoteIp: '', userAgent: '' },
    })
  })
})
