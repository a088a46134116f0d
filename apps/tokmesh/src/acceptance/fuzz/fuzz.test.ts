import { describe, it } from 'vitest'
import { databases } from '../support.ts'
import { fuzz } from './fuzz-runs.ts'

describe.each(databases)('requests made from the document, on %s', (kind) => {
  it('get the answers that it tells of, valid or broken', () => fuzz(kind, 1500, 20_261_122))
})
