import { type LogLevel, redact } from '@honoscope/logging'
import { describe, expect, it } from 'vitest'
import { createLog } from './log.ts'

const logInto = (level?: LogLevel) => {
  const lines: string[] = []
  const log = createLog({ ...(level && { level }), write: (line) => lines.push(line), now: () => 0 })
  return { lines, log }
}

describe('createLog', () => {
  it('writes one JSON object a line, without undefined fields', () => {
    const { lines, log } = logInto()
    log('info', 'tokmesh.session', 'session created', { request_id: 'r', trace_id: undefined })
    expect(lines).toEqual([
      '{"timestamp":"1970-01-01T00:00:00.000Z","level":"INFO","logger":"tokmesh.session","message":"session created","request_id":"r"}\n',
    ])
  })

  it('drops what is below its level', () => {
    const { lines, log } = logInto('warn')
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log(level, 'l', 'm')
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(['WARN', 'ERROR'])
  })

  it('writes what must be on record, whatever its level', () => {
    const { lines, log } = logInto('error')
    log.always('info', 'l', 'got tmas_abc')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 'INFO', message: 'got tmas_***REDACTED***' }])
  })

  it('takes another level while it is in use', () => {
    const { lines, log } = logInto('error')
    log('info', 'l', 'hidden')
    log.setLevel('debug')
    expect(log.level).toBe('debug')
    log('debug', 'l', 'shown')
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(['shown'])
  })

  it('A06: holds only the masked form of tokens, secrets and hashes, wherever they stand', () => {
    const { lines, log } = logInto()
    const nested = { a: ['x tmtk_abc-DEF_123.', { tmas_key: 1 }], b: 'tmth_0123' }
    log('info', 'l', 'got tmtk_abc', nested)
    expect(lines[0]).not.toMatch(/abc|DEF|0123|tmas_key/)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      message: 'got tmtk_***REDACTED***',
      a: ['x tmtk_***REDACTED***.', { 'tmas_***REDACTED***': 1 }],
      b: 'tmth_***REDACTED***',
    })
    expect(redact(redact('tmtk_a'))).toBe('tmtk_***REDACTED***')
  })

  it('holds no PEM, and is JSON all the same', () => {
    const { lines, log } = logInto()
    const pem = '-----BEGIN PRIVATE KEY-----\n"hush" \\hush\n-----END PRIVATE KEY-----'
    log('info', 'l', `got ${pem.replaceAll('"', '')}`, { pem: pem.replaceAll('"', ''), after: 1 })
    expect(lines[0]).not.toMatch(/hush|BEGIN/)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'got ***REDACTED***', after: 1 })
    log('info', 'l', pem)
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ level: 'INFO' })
  })

  it('writes a line for fields that JSON can not hold', () => {
    const { lines, log } = logInto()
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    log('info', 'l', 'm', cycle)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'm' })
  })
})
