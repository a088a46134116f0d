import { expect, it } from 'vitest'
import { isIndexed, mostSorted, mostWalked, readsWith } from '../testing/search-growth.ts'

it('the first page of every sort, filter and status reads no more of 40,000 sessions than of 4,000', async () => {
  const small = await readsWith(4_000)
  const large = await readsWith(40_000)
  for (const reads of [small, large]) {
    for (const [name, { page, plan }] of Object.entries(reads)) {
      expect(page, `${name}\n${plan}`).toBeLessThanOrEqual(isIndexed(name) ? mostWalked : mostSorted)
    }
    // They were carried out, and read what they found.
    expect(reads['no filter: active, createdAt desc']?.page).toBeGreaterThan(20)
    expect(reads['no such user: active, createdAt desc']?.page).toBe(0)
  }
}, 300_000)
