import type { ConnectionCount } from './connections.ts'
import { createGuard } from './guard.ts'
import type { Connections, DbMetrics } from './metrics.ts'

/** What {@link watchPool} can read: a pool of node-postgres, PGlite, postgres-js or Bun's SQL, or a function of your own. */
export type Pool = object | (() => Connections)

/** Options of {@link watchPool}. */
export interface WatchPoolOptions {
  /** Whose gauges are set. */
  readonly metrics: DbMetrics
  /** Counts what postgres-js does not tell: the one whose `socket` was given to it. Default: open connections are absent. */
  readonly connections?: ConnectionCount | undefined
  /** Milliseconds between two samples, at least 100. Default: 15,000. Anything else throws a `TypeError`. */
  readonly intervalMs?: number | undefined
}

/** Reads the numbers of one pool. */
type Reader = () => Connections

/** The pools of each metrics object: the gauges show their sum. */
const watched = new WeakMap<DbMetrics, Set<Reader>>()

/**
 * Samples a pool now and every 15 s, and returns a function that stops that. It reads counters that are there anyway:
 * no query, no connection; and its timer keeps no process alive. What a driver does not tell is absent, not 0.
 *
 * @throws TypeError when the pool is of no known kind or an option is wrong.
 */
export function watchPool(pool: Pool, options: WatchPoolOptions): () => void {
  const { metrics, connections, intervalMs = 15_000 } = options
  if (typeof metrics?.connections !== 'function') throw new TypeError('watchPool: metrics must come from dbMetrics()')
  if (typeof intervalMs !== 'number' || !(intervalMs >= 100 && intervalMs <= 2 ** 31 - 1)) {
    throw new TypeError(`watchPool: intervalMs must be a number of milliseconds from 100, not ${intervalMs}`)
  }
  const read = readerOf(pool)
  // A timer has no caller: what is thrown there would end the process. Of a pool that fails nothing is known.
  const guard = createGuard(undefined)
  const counted = connections === undefined ? read : () => ({ ...read(), open: connections.open() })
  const reader: Reader = () => guard.run('metrics', counted, undefined, undefined, undefined) ?? {}
  const readers = watched.get(metrics) ?? new Set()
  watched.set(metrics, readers.add(reader))
  const sample = (): void => void guard.run('metrics', setGauges, metrics, readers, undefined)
  sample()
  const timer = setInterval(sample, intervalMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    if (readers.delete(reader)) sample()
  }
}

function setGauges(metrics: DbMetrics, readers: ReadonlySet<Reader>): void {
  const all = [...readers].map((read) => read())
  const sum = (name: keyof Connections): number | undefined => {
    const known = all.map((counts) => counts[name]).filter((count) => count !== undefined)
    return known.length === 0 ? undefined : known.reduce((total, count) => total + count, 0)
  }
  metrics.connections({ open: sum('open'), max: sum('max'), waiting: sum('waiting') })
}

/** What of the drivers' pools is read here. */
interface KnownPool {
  /** node-postgres. */
  readonly totalCount?: unknown
  readonly waitingCount?: unknown
  readonly options?: { readonly max?: unknown }
  /** PGlite. */
  readonly waitReady?: unknown
  readonly ready?: unknown
  readonly closed?: unknown
}

const complaint = 'watchPool: pool must be one of node-postgres, PGlite, postgres-js or Bun SQL, or a function'

function readerOf(pool: Pool): Reader {
  if (typeof pool !== 'function' && (typeof pool !== 'object' || pool === null)) throw new TypeError(complaint)
  const known = pool as KnownPool
  if (typeof known.totalCount === 'number') {
    return () => ({ open: whole(known.totalCount), max: whole(known.options?.max), waiting: whole(known.waitingCount) })
  }
  // It is one connection, and tells nobody how many wait for it.
  if (known.waitReady !== undefined)
    return () => ({ open: known.ready === true && known.closed !== true ? 1 : 0, max: 1 })
  // postgres-js and Bun's SQL are functions too, and tell how many they may open.
  if (whole(known.options?.max) !== undefined) return () => ({ max: whole(known.options?.max) })
  if (typeof pool === 'function') return pool as Reader
  throw new TypeError(complaint)
}

function whole(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}
