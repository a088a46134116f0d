import type { Catalogue } from '@honoscope/core'
import { TokMeshError } from '../domain/errors.ts'
import type { SessionCounts } from '../domain/session-store.ts'
import type { DatabaseStatistics } from '../store/statistics.ts'
import { sampled } from './sampled.ts'

/** What the numbers are read from. */
export interface DatabaseSource {
  readonly nodeId: string
  /** Numbers of sessions, at most 1 s old. */
  readonly counts: () => Promise<SessionCounts>
  readonly statistics: DatabaseStatistics
}

/** A database that hangs must not hold up the scrape, whose other families are needed then more than ever. */
const patienceMs = 500

/**
 * Registers what only the database knows. One read serves all of these families, and scrapes that follow within
 * a second. While it can't be had they are without series, except the counter, which is left out.
 */
export function databaseMetrics(metrics: Catalogue, { nodeId, counts, statistics }: DatabaseSource): void {
  const wal = sampled(() => withPatience(statistics.walBytes()))
  const standbys = sampled(() => withPatience(statistics.standbys()))
  metrics.gauge({
    name: 'sessions_active_total',
    help: "Active sessions of this node's shards.",
    labels: {},
    collect: (gauge) => present(gauge, counts, ({ active }) => gauge.set(active)),
  })
  metrics.gauge({
    name: 'shard_keys_count',
    help: "Sessions of this node's shards without tombstones.",
    labels: { node_id: [nodeId] },
    init: false,
    collect: (gauge) => present(gauge, counts, ({ kept }) => gauge.set({ node_id: nodeId }, kept)),
  })
  metrics.gauge({
    name: 'replication_lag_seconds',
    help: 'Replay lag of each standby, as the primary sees it.',
    labels: { from_node: { open: 2 }, to_node: { open: 100 } },
    collect: (gauge) =>
      present(gauge, standbys, (all) => {
        for (const { from, to, lagSeconds } of all) gauge.set({ from_node: from, to_node: to }, lagSeconds)
      }),
  })
  metrics.counter({
    name: 'wal_write_bytes_total',
    help: "Bytes of write-ahead log, by the database's own statistics.",
    collect: async (counter) => counter.set(await wal()),
  })
}

/** Sets a gauge from a sample; without one it shows nothing rather than what was true once. */
async function present<T>(gauge: { reset(): void }, read: () => Promise<T>, set: (sample: T) => void): Promise<void> {
  const sample = await read().catch(() => undefined)
  gauge.reset()
  if (sample !== undefined) set(sample)
}

/** Rejects when `reading` takes longer than {@link patienceMs}. */
export function withPatience<T>(reading: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new TokMeshError('TM-SYS-5030', 'The database did not answer in time')),
      patienceMs,
    )
    reading.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
