import { describe, it } from 'vitest'
import { compareWithModel } from './model-runs.ts'
import { databases } from './support.ts'

describe.each(databases)('many random sequences on %s', (kind) => {
  it('never find the service and a plain model of the contract at odds', () => compareWithModel(kind, 100), 600_000)
})
