import { runtime } from '@honoscope/testing'
import { expect, it } from 'vitest'
import { isIndexed, mostSorted, mostWalked, readsWith } from '../testing/search-growth.ts'

// It is the database's work, so one runtime will do.
it.skipIf(runtime === 'bun')(
  '(Node alone) the first page of every sort, filter and status reads no more of 1,000,000 sessions than of 10,000',
  async () => {
    const small = await readsWith(10_000)
    const large = await readsWith(1_000_000)
    for (const [name, { page, plan }] of Object.entries({ ...small, ...large })) {
      expect(page, `${name}\n${plan}`).toBeLessThanOrEqual(isIndexed(name) ? mostWalked : mostSorted)
    }
    for (const [name, { page }] of Object.entries(small)) {
      // An index is one or two levels deeper, for each of 20 sessions.
      if (name.startsWith('no filter')) expect(large[name]?.page, name).toBeLessThanOrEqual(page + 60)
    }
  },
  600_000,
)
