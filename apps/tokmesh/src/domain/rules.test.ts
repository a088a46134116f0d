import { describe, expect, it } from 'vitest'
import { newToken } from './ids.ts'
import { checkCreate, checkTtl, cutUserAgent, isLonger, isStorable } from './rules.ts'
import type { CreateInput, SessionLimits } from './session.ts'

const limits: SessionLimits = { ttlDefault: 7_200, ttlMax: 2_592_000, maxPerUser: 50, tombstoneTtlMs: 86_400_000 }

const codeOf = (input: Partial<CreateInput>): string => {
  try {
    checkCreate({ userId: 'u', ...input }, limits)
    return 'OK'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

/** An object whose compact JSON has exactly `bytes` bytes. */
const dataOf = (bytes: number): Record<string, string> => {
  const data: Record<string, string> = {}
  let left = bytes - 1
  for (let i = 0; left > 0; i++) {
    // `"k0":"…",` costs eight bytes beside the value, for single-digit i.
    const length = Math.min(1_000, left - 8)
    data[`k${i}`] = 'x'.repeat(length)
    left -= length + 8
  }
  return data
}

describe('field rules of a create', () => {
  it.each<[string, Partial<CreateInput>, string]>([
    ['an empty user', { userId: '' }, 'TM-ARG-1002'],
    ['a user at the limit', { userId: 'u'.repeat(128) }, 'OK'],
    ['a user of 128 code points outside the basic plane', { userId: '😀'.repeat(128) }, 'OK'],
    ['a user above it', { userId: 'u'.repeat(129) }, 'TM-SESS-4001'],
    ['129 code points outside the basic plane', { userId: '😀'.repeat(129) }, 'TM-SESS-4001'],
    ['a device at the limit', { deviceId: 'd'.repeat(128) }, 'OK'],
    ['a device above it', { deviceId: 'd'.repeat(129) }, 'TM-SESS-4001'],
    ['ttl 0', { ttlSeconds: 0 }, 'TM-ARG-1001'],
    ['a negative ttl', { ttlSeconds: -1 }, 'TM-ARG-1001'],
    ['a broken ttl', { ttlSeconds: 1.5 }, 'TM-ARG-1001'],
    ['ttl 1', { ttlSeconds: 1 }, 'OK'],
    ['the longest ttl', { ttlSeconds: 2_592_000 }, 'OK'],
    ['A82 a longer ttl', { ttlSeconds: 2_592_001 }, 'TM-SESS-4001'],
    ['a key of 64', { data: { ['k'.repeat(64)]: '' } }, 'OK'],
    ['a key of 65', { data: { ['k'.repeat(65)]: '' } }, 'TM-SESS-4001'],
    ['an empty key', { data: { '': 'x' } }, 'OK'],
    ['a value of 1024', { data: { k: 'é'.repeat(1024) } }, 'OK'],
    ['a value of 1025', { data: { k: 'v'.repeat(1025) } }, 'TM-SESS-4001'],
    ['data of 4096 bytes', { data: dataOf(4096) }, 'OK'],
    ['A09 data of 4097 bytes', { data: dataOf(4097) }, 'TM-SESS-4001'],
    [
      'data whose bytes, not its characters, are too many',
      { data: { a: '😀'.repeat(600), b: '😀'.repeat(600) } },
      'TM-SESS-4001',
    ],
    ['a NUL', { userId: 'a\0b' }, 'TM-SYS-4000'],
    ['half a surrogate pair', { data: { k: 'a\ud800b' } }, 'TM-SYS-4000'],
    ['a token', { token: newToken() }, 'OK'],
    ['an empty token', { token: '' }, 'TM-TOKN-4000'],
    ['a token with another prefix', { token: newToken().replace('tmtk_', 'tmas_') }, 'TM-TOKN-4000'],
    ['a token that is too long', { token: `${newToken()}x` }, 'TM-TOKN-4000'],
  ])('%s', (_, input, code) => {
    if (input.data && code === 'OK') expect(Buffer.byteLength(JSON.stringify(input.data))).toBeLessThanOrEqual(4096)
    expect(codeOf(input)).toBe(code)
  })

  it('measures the test data that it claims to measure', () => {
    expect(JSON.stringify(dataOf(4096))).toHaveLength(4096)
    expect(JSON.stringify(dataOf(4097))).toHaveLength(4097)
  })

  it('takes the default ttl when none is given', () => {
    expect(checkTtl(undefined, limits)).toBe(7_200)
  })
})

describe('texts', () => {
  it('cuts a user agent at 512 code points and never in half of one', () => {
    expect(cutUserAgent('a'.repeat(512))).toHaveLength(512)
    expect(cutUserAgent('a'.repeat(10_000))).toHaveLength(512)
    expect(cutUserAgent('😀'.repeat(512))).toBe('😀'.repeat(512))
    expect(cutUserAgent(`a${'😀'.repeat(600)}`)).toBe(`a${'😀'.repeat(511)}`)
  })

  it('knows what PostgreSQL can store', () => {
    expect(isStorable('plain 😀')).toBe(true)
    expect(isStorable('\udc00')).toBe(false)
    expect(isLonger('😀😀', 2)).toBe(false)
    expect(isLonger('😀😀😀', 2)).toBe(true)
  })
})
