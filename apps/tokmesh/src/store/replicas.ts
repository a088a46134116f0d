/** Reading from standbys, and how it is never told from reading the primary. */
import { sql } from 'drizzle-orm'
import type { Db } from './connection.ts'
import type { Database } from './database.ts'
import { isUnreachable } from './faults.ts'
import { openReplica, type ReplicaOptions } from './replica.ts'
import type { Position } from './replica-lane.ts'

/** Standbys. */
export interface Replicas {
  /**
   * Runs a query that changes nothing on one of the standbys, in turn: on one that shows all that the primary had
   * committed when the call was made. Where there is none, on the primary. Rejects like {@link Database.run}.
   */
  read<T>(query: (db: Db) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Options of {@link openReplicas}. */
export interface ReplicasOptions extends ReplicaOptions {
  /** `run` of the primary. */
  readonly primary: Database['run']
  /** By when an answer has to be there, milliseconds. */
  readonly limitMs: number
}

/**
 * Prepares the use of the standbys at `urls`.
 *
 * For searches and audit queries alone. A validation that memory has no answer to must ask the primary: a revoke with
 * `sync=true` is confirmed by nodes that have forgotten the session, and would be undone by one that then reads it
 * from a standby which has not heard of the revoke. The position would cost a validation the round trip that it needs
 * to ask the primary itself.
 */
export function openReplicas(urls: readonly string[], options: ReplicasOptions): Replicas {
  const { primary, limitMs } = options
  const replicas = urls.map((url) => openReplica(url, options))
  let turn = 0
  const next = () => {
    turn += 1
    return replicas.map((_, i) => replicas[(turn + i) % replicas.length]).find((replica) => replica?.isOpen())
  }

  return {
    async read(query) {
      const startedAt = performance.now()
      const left = () => Math.max(0, limitMs - (performance.now() - startedAt))
      const replica = next()
      const position = replica && (await primaryPosition(primary, limitMs))
      const outcome = position && (await replica.read(position, query))
      return outcome ? outcome.value : primary(query, left())
    },
    async close() {
      await Promise.all(replicas.map((replica) => replica.close()))
    },
  }
}

/**
 * How far the primary's log is: a commit that anybody has been told of is in it, on disk or, where commits don't wait
 * for that, in memory. `undefined` where the server has no such thing.
 */
async function primaryPosition(primary: Database['run'], limitMs: number): Promise<Position | undefined> {
  const lsn = sql<string>`(case when current_setting('synchronous_commit') = 'off'
    then pg_current_wal_insert_lsn() else pg_current_wal_flush_lsn() end)::text`
  // The first eight digits of the name of a log file.
  const timeline = sql<number>`('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int`
  try {
    const [row] = await primary((db) => db.select({ lsn, timeline }).from(sql`(values (1)) as one`), limitMs)
    return row
  } catch (error) {
    if (isUnreachable(error)) throw error
    return undefined
  }
}
