import { expect, it } from 'vitest'
import { newRecord } from '../domain/new-record.ts'
import { createMemory } from './memory.ts'

const caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: 'test' }
const record = newRecord('tmss-0', { userId: 'ada' }, caller, 'tmth_old', 60, 1_000)

it('a session whose token an operator has replaced is not found by the old one any more', () => {
  const memory = createMemory(1_000_000)
  memory.keep(record, false)
  const changed = { ...record, tokenHash: 'tmth_new', version: 2 }
  // As this node's own touch brings it, before the news of the operator's change.
  memory.keep(changed, true)
  expect(memory.get({ tokenHash: 'tmth_old' })).toBeUndefined()
  expect(memory.get({ tokenHash: 'tmth_new' })).toEqual(changed)
  memory.drop(record.id)
  memory.keep(changed, false)
  expect(memory.get({ tokenHash: 'tmth_old' })).toBeUndefined()
  expect(memory.get({ tokenHash: 'tmth_new' })).toEqual(changed)
})
