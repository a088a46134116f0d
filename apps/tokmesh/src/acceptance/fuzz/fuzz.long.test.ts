import { describe, it } from 'vitest'
import { databases } from '../support.ts'
import { fuzz } from './fuzz-runs.ts'

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 32)

describe.each(databases)('half of 20,000 requests made from the document, on %s', (kind) => {
  it(`get the answers that it tells of, valid or broken (FUZZ_SEED=${seed})`, () => fuzz(kind, 10_000, seed), 600_000)
})
