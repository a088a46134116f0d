/** What a node says and asks on its own line: see the migrations `changes` and `cluster_nodes`. */
import type { Line } from './line.ts'

/** Where the triggers tell of changes. */
export const changesChannel = 'tokmesh_changes'

/** Where nodes talk to each other. */
export const clusterChannel = 'tokmesh_cluster'

/** What the database knows of the last change. */
export interface LastChange {
  readonly seq: number
  /** Unix ms by the database's clock, when it answered. */
  readonly databaseMs: number
}

// The first statement waits for the connection too, and for finding out which of several servers is the primary.
const connectMs = 4_000

/** From now on the line hears what is told on both channels. */
export async function listenOn(line: Line): Promise<void> {
  await line.query(`listen ${changesChannel}; listen ${clusterChannel}`, [], connectMs)
}

/** Reads the number of the last change that is committed. Rejects when there is none, which no migration leaves. */
export async function readLastChange(line: Line): Promise<LastChange> {
  const [row] = await line.query<{ seq: string; ms: string }>(
    'select seq, extract(epoch from clock_timestamp()) * 1000 as ms from changes',
  )
  const last = { seq: Number(row?.seq), databaseMs: Number(row?.ms) }
  if (!Number.isSafeInteger(last.seq)) throw new Error('the row of changes is missing')
  return last
}

/** Tells all who listen on {@link clusterChannel}: the kind, the sender, Unix ms by the database's clock, the words. */
export async function tellCluster(line: Line, kind: string, sender: string, words: readonly string[]): Promise<void> {
  await line.query(
    `select pg_notify('${clusterChannel}',
       concat_ws(' ', $1::text, $2::text, floor(extract(epoch from clock_timestamp()) * 1000), $3::text))`,
    [kind, sender, words.length === 0 ? null : words.join(' ')],
  )
}
