/** What the triggers of migration 0008 tell of large changes, and what that costs. */
import { until } from '@honoscope/testing'
import postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Change, parseChange } from '../cluster/messages.ts'
import { type DatabaseUnderTest, openTestDatabase } from '../testing/databases.ts'
import { insertMany } from '../testing/many-sessions.ts'
import { changesChannel } from './changes.ts'

const idOf = (n: number) => `tmss-${String(n).padStart(26, '0')}`
const here = 'here'

let opened: DatabaseUnderTest
let psql: ReturnType<typeof postgres>
const told: string[] = []

/** What was told since the last call: a message of its own marks the place. */
const heard = async (): Promise<readonly Change[]> => {
  await psql.notify(changesChannel, here)
  await until(() => told.includes(here))
  return told.splice(0).flatMap((payload) => parseChange(payload) ?? [])
}

beforeAll(async () => {
  opened = await openTestDatabase('postgres')
  psql = postgres(opened.url ?? '', { max: 1, onnotice: () => {} })
  await psql.listen(changesChannel, (payload) => void told.push(payload))
}, 60_000)
afterAll(async () => {
  await psql.end()
  await opened.close()
})
beforeEach(async () => {
  await opened.empty()
  await insertMany(opened.database, 12_000)
  await heard()
})

it('a change of thousands takes no longer after one of a single session on the same connection', async () => {
  await psql`update sessions set version = 2 where id = ${idOf(1)}`
  // Compared each with each, these took 15 s.
  await psql`set statement_timeout = 4000`
  await psql`update sessions set version = 3 where id <= ${idOf(6_000)}`
  const [one, ...parts] = await heard()
  expect(one?.ids).toEqual([idOf(1)])
  expect(parts.flatMap(({ ids }) => ids)).toHaveLength(6_000)
}, 60_000)

it('a change of more than ten thousand is told in one message, which names none', async () => {
  await psql`update sessions set revoked_at = 1 where id <= ${idOf(10_000)} and revoked_at <> 1`
  const parts = await heard()
  expect(parts.map(({ kind }) => kind)).toEqual(Array.from({ length: 50 }, () => 'revoked'))
  await psql`update sessions set version = 7`
  expect(await heard()).toMatchObject([{ seq: (parts.at(-1)?.seq ?? Number.NaN) + 1, kind: 'anything', ids: [] }])
}, 60_000)

it('a changed id is told with the one that it was', async () => {
  await psql`update sessions set id = ${idOf(90_000)} where id = ${idOf(1)}`
  const [change, ...more] = await heard()
  expect(more).toEqual([])
  expect([...(change?.ids ?? [])].sort()).toEqual([idOf(1), idOf(90_000)])
})
