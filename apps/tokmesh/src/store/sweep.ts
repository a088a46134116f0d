import type { SessionStore, SweepScope } from '../domain/session-store.ts'
import type { Database } from './database.ts'
import { prepareSweep } from './sweep-statements.ts'

/** What the sweep and the metrics need of a session store. */
export type SweepStore = Pick<SessionStore, 'sweep' | 'removeTombstones' | 'nextDue' | 'counts'>

/** Returns that part of the store over the database. */
export function createSweepStore({ run, db }: Database): SweepStore {
  const { all, some, remove } = prepareSweep(db)
  const statementsFor = (shards: SweepScope['shards']) => (shards ? some : all)
  const textOf = (shards: SweepScope['shards'] = []) => `{${shards}}`
  return {
    async sweep(now, sample, { shards, from = 0 } = {}) {
      const { sweep } = statementsFor(shards)
      return (await run(() => sweep.execute({ now, sample, from, shards: textOf(shards) }))).length
    },
    async removeTombstones(endedBy, limit) {
      return (await run(() => remove.execute({ endedBy, limit }))).length
    },
    async nextDue({ shards, from = 0 } = {}) {
      const [row] = await run(() => statementsFor(shards).due.execute({ from, shards: textOf(shards) }))
      return { expiry: row?.expiry ?? undefined, tombstone: row?.tombstone ?? undefined }
    },
    async counts(now, shards) {
      const { counts } = statementsFor(shards)
      const [{ kept, late } = { kept: 0, late: 0 }] = await run(() => counts.execute({ now, shards: textOf(shards) }))
      return { active: kept - late, kept }
    },
  }
}
