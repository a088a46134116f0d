import type { Catalogue, CounterSeries, Gauge, HistogramSeries, TraceContext } from '@honoscope/core'
import { type FailureClass, failureClasses } from './failure.ts'

/** Where an instrumented database and its pools record: `dbMetrics()` makes one over a catalogue. */
export interface DbMetrics {
  /** Returns the recorder of one command and table; it is asked for once for each statement that is prepared. */
  query(command: string, table: string): QueryRecorder
  /** A query failed, or a transaction could not begin or commit (`transaction`). */
  failed(command: string, reason: FailureClass): void
  /** Sets the gauges of all pools; `undefined` for what is not known, which leaves a gauge without a value. */
  connections(counts: Connections): void
}

/** Takes one run of a query, failed ones too. `trace` is its span, when that is sampled. */
export type QueryRecorder = (durationMs: number, trace: TraceContext | undefined) => void

/** Connections of a pool, or of several. */
export interface Connections {
  readonly open?: number | undefined
  readonly max?: number | undefined
  /** Callers that wait for a connection. */
  readonly waiting?: number | undefined
}

/** The metrics that {@link dbMetrics} makes. */
export type DbMetric = 'queries' | 'duration' | 'errors' | 'open' | 'max' | 'waiting'

/** Options of {@link dbMetrics}. */
export interface DbMetricsOptions {
  /**
   * Names without the catalogue's prefix; `false` leaves the metric out.
   * Default: `db_queries_total`, `db_query_duration_seconds`, `db_query_errors_total`, `db_connections_open`,
   * `db_connections_max`, `db_connections_waiting`. A bad name throws a `TypeError`.
   */
  readonly names?: Readonly<Partial<Record<DbMetric, string | false>>>
  /**
   * Values of the label `operation`. `sql`: `select`, `insert`, `update`, `delete`. `crud`: `query`, `create`, `update`,
   * `delete`. All else is `other`. Default: `sql`.
   */
  readonly operations?: 'sql' | 'crud'
  /** Most tables that are told apart; later ones become `other`. Default: 100. */
  readonly maxTables?: number
  /** Upper bounds of the durations, in seconds. Default: 5 ms to 10 s. Bad bounds throw a `TypeError`. */
  readonly buckets?: readonly number[]
}

const defaultNames: Readonly<Record<DbMetric, string>> = {
  queries: 'db_queries_total',
  duration: 'db_query_duration_seconds',
  errors: 'db_query_errors_total',
  open: 'db_connections_open',
  max: 'db_connections_max',
  waiting: 'db_connections_waiting',
}

const crud: Readonly<Record<string, string>> = { select: 'query', insert: 'create', update: 'update', delete: 'delete' }
const sql: Readonly<Record<string, string>> = { select: 'select', insert: 'insert', update: 'update', delete: 'delete' }

/**
 * Returns the metrics of databases and pools, made in `catalogue`. One will do for all databases of a process.
 *
 * @throws TypeError when a metric of that name exists already or an option is wrong.
 */
export function dbMetrics(catalogue: Catalogue, options: DbMetricsOptions = {}): DbMetrics {
  const { names, operations, maxTables, buckets } = check(options)
  const words = operations === 'crud' ? crud : sql
  const operationOf = (command: string): string => words[command] ?? 'other'
  const operation = [...Object.values(words), 'other']
  const labels = { operation, table: { open: maxTables } }
  const queries =
    names.queries && catalogue.counter({ name: names.queries, help: 'Database queries that are done.', labels })
  const duration =
    names.duration &&
    catalogue.histogram({ name: names.duration, help: 'Time until the result was there.', labels, ...buckets })
  const errors =
    names.errors &&
    catalogue.counter({
      name: names.errors,
      help: 'Database queries that failed, and transactions that could not begin or commit.',
      labels: { operation: [...operation, 'transaction'], code_class: failureClasses },
    })
  return {
    query: recorders(maxTables, operationOf, (labels) => ({
      queries: queries ? queries.series(labels) : undefined,
      duration: duration ? duration.series(labels) : undefined,
    })),
    failed(command, reason) {
      const operation = command === 'transaction' ? command : operationOf(command)
      if (errors) errors.inc({ operation, code_class: reason })
    },
    connections: gauges(catalogue, names),
  }
}

interface QuerySeries {
  readonly queries: CounterSeries | undefined
  readonly duration: HistogramSeries | undefined
}

/** Finds series by command and table. Tables that are made up fill nothing: past the limit they are looked up each time. */
function recorders(
  maxTables: number,
  operationOf: (command: string) => string,
  make: (labels: { operation: string; table: string }) => QuerySeries,
): DbMetrics['query'] {
  const known = new Map<string, Map<string, QueryRecorder>>()
  return (command, table) => {
    const operation = operationOf(command)
    const byTable = known.get(operation) ?? new Map<string, QueryRecorder>()
    if (byTable.size === 0) known.set(operation, byTable)
    const found = byTable.get(table)
    if (found !== undefined) return found
    const { queries, duration } = make({ operation, table })
    const recorder: QueryRecorder = (durationMs, trace) => {
      queries?.inc(1)
      duration?.observe(durationMs / 1000, trace)
    }
    if (byTable.size < maxTables) byTable.set(table, recorder)
    return recorder
  }
}

function gauges(catalogue: Catalogue, names: Names): DbMetrics['connections'] {
  // Without `init`: what is not known is absent, not 0.
  const make = (name: string | false, help: string): Gauge<Record<never, never>> | undefined =>
    name === false ? undefined : catalogue.gauge({ name, help, labels: {}, init: false })
  const open = make(names.open, 'Connections to the database that are open.')
  const max = make(names.max, 'Connections that the pool may open.')
  const waiting = make(names.waiting, 'Callers that wait for a connection.')
  return (counts) => {
    set(open, counts.open)
    set(max, counts.max)
    set(waiting, counts.waiting)
  }
}

function set(gauge: Gauge<Record<never, never>> | undefined, value: number | undefined): void {
  if (value === undefined) gauge?.reset()
  else gauge?.set(value)
}

type Names = Readonly<Record<DbMetric, string | false>>

function check(options: DbMetricsOptions) {
  const { names = {}, operations = 'sql', maxTables = 100, buckets } = options
  const unknown = Object.keys(names).find((metric) => !(metric in defaultNames))
  if (unknown !== undefined) throw new TypeError(`dbMetrics: names of ${unknown}: there is no such metric`)
  if (operations !== 'sql' && operations !== 'crud')
    throw new TypeError('dbMetrics: operations must be "sql" or "crud"')
  if (!Number.isInteger(maxTables) || maxTables < 1) {
    throw new TypeError(`dbMetrics: maxTables must be a whole number above 0, not ${maxTables}`)
  }
  const settled: Names = { ...defaultNames, ...names }
  return { names: settled, operations, maxTables, buckets: buckets === undefined ? {} : { buckets } }
}
