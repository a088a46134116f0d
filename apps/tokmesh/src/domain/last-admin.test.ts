import type { KeyInfo, KeyQuery } from '@honoscope/api-key'
import { expect, it } from 'vitest'
import { hasUsableAdmin } from './last-admin.ts'

const now = 1_000_000
const expiringAt = (expiresAt: number): KeyInfo => ({
  ...{ id: 'tmak-1', role: 'admin', description: '', allowList: [], rateLimit: 1, status: 'active', expiresAt },
  ...{ gracePeriodEnd: 0, createdAt: 0, createdBy: 'system', lastUsedAt: 0, version: 1 },
})

/** Active admin keys that expire at these times, newest first, and the pages that were asked for. */
function keysOf(ends: readonly number[]) {
  const pages: number[] = []
  const list = async ({ page, size, role, status }: KeyQuery) => {
    expect([role, status]).toEqual(['admin', 'active'])
    pages.push(page)
    return { items: ends.slice((page - 1) * size, page * size).map(expiringAt), total: ends.length }
  }
  return { pages, list }
}

it.each([
  ['no key at all', [], false],
  ['one that never expires', [0], true],
  ['one that will expire', [now + 1], true],
  ['one that has expired', [now], false],
  ['250 expired ones', Array(250).fill(1), false],
  ['a good one that is older than 200 expired ones', [...Array(200).fill(1), 0], true],
] as const)('with %s', async (_, ends, usable) => {
  expect(await hasUsableAdmin(keysOf(ends), now)).toBe(usable)
})

it('looks no further than it has to', async () => {
  const keys = keysOf([1, 0, ...Array(300).fill(1)])
  await hasUsableAdmin(keys, now)
  expect(keys.pages).toEqual([1])
})
