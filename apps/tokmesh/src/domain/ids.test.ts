import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  createSessionIds,
  hashToken,
  newRequestId,
  newToken,
  requestIdPattern,
  sessionIdPattern,
  tokenPattern,
} from './ids.ts'

describe('identifiers', () => {
  it('A01 makes session ids of tmss- and 26 lower-case Crockford characters', () => {
    const id = createSessionIds()()
    expect(id).toMatch(/^tmss-[0-7][0-9a-hjkmnp-tv-z]{25}$/)
    expect(id).toMatch(sessionIdPattern)
    expect(id).toHaveLength(31)
  })

  it('A03 makes tokens of tmtk_ and 43 URL-safe Base64 characters', () => {
    const tokens = Array.from({ length: 200 }, () => newToken())
    for (const token of tokens) {
      expect(token).toMatch(tokenPattern)
      expect(token).toHaveLength(48)
    }
    expect(new Set(tokens).size).toBe(200)
  })

  it('A05 makes ids that sort by time and strictly increase within a millisecond', () => {
    let now = 1_700_000_000_000
    const next = createSessionIds({ clock: () => now })
    const ids = Array.from({ length: 1_000 }, next)
    now += 1
    ids.push(next())
    now -= 5
    ids.push(next())
    expect(new Set(ids).size).toBe(1_002)
    expect([...ids].sort()).toEqual(ids)
  })

  it('hashes the whole token, prefix included', () => {
    const token = newToken()
    expect(hashToken(token)).toBe(`tmth_${createHash('sha256').update(token).digest('hex')}`)
    expect(hashToken(token)).toHaveLength(69)
  })

  it('makes request ids that it would accept', () => {
    expect(newRequestId()).toMatch(/^req-[A-Za-z0-9_-]{22}$/)
    expect(newRequestId()).toMatch(requestIdPattern)
  })
})
