import type { Clock } from '@honoscope/core'
import { monotonicClock } from '@honoscope/core'
import type { Tracer } from '@opentelemetry/api'
import type { NPlusOne, SlowQuery } from './events.ts'
import type { DrizzleFault } from './guard.ts'
import type { DbMetrics } from './metrics.ts'

/** Options of `instrumentDrizzle()`. */
export interface DrizzleOptions {
  /** Where queries are counted: `dbMetrics(catalogue)`. Default: nowhere. */
  readonly metrics?: DbMetrics | undefined
  /**
   * Makes the spans; their parent is what is current for this tracer. No span is made under one that is not recorded.
   * Default: no spans.
   */
  readonly tracer?: Tracer | undefined
  /** Whether a query outside of every span begins a trace of its own. Default: true. */
  readonly rootSpans?: boolean | undefined
  /** `db.system.name` of the spans. Default: `postgresql`. */
  readonly system?: string | undefined
  /**
   * Whether spans and events show the statement, with `?` in the place of each string and number, at most 2,048
   * characters. Parameters are never shown. Default: true.
   */
  readonly captureStatement?: boolean | undefined
  /** Told of each query that took `slowQueryMs` or longer. Default: nobody is told. */
  readonly onSlowQuery?: ((event: SlowQuery) => unknown) | undefined
  /** Milliseconds, at least 0. Default: 1,000. Anything else throws a `TypeError`. */
  readonly slowQueryMs?: number | undefined
  /** Told when one request has run the same statement `nPlusOneCount` times; once for each statement and request. Default: nobody is told. */
  readonly onNPlusOne?: ((event: NPlusOne) => unknown) | undefined
  /** A whole number of at least 2. Default: 10. Anything else throws a `TypeError`. */
  readonly nPlusOneCount?: number | undefined
  /** Told of each failure of `metrics`, `tracer` or a callback; the query is not affected. Default: nobody is told. */
  readonly onFault?: ((fault: DrizzleFault) => unknown) | undefined
  /** Monotonic milliseconds. Default: the platform's. */
  readonly clock?: Clock | undefined
}

/** The options with their defaults. */
export interface Settings {
  readonly metrics: DbMetrics | undefined
  readonly tracer: Tracer | undefined
  readonly rootSpans: boolean
  readonly system: string
  readonly captureStatement: boolean
  readonly onSlowQuery: DrizzleOptions['onSlowQuery']
  readonly slowQueryMs: number
  readonly onNPlusOne: DrizzleOptions['onNPlusOne']
  readonly nPlusOneCount: number
  readonly onFault: DrizzleOptions['onFault']
  readonly clock: Clock
}

/** Fills in the defaults; throws a `TypeError` that names a wrong option. */
export function settle(options: DrizzleOptions): Settings {
  const { slowQueryMs = 1_000, nPlusOneCount = 10, system = 'postgresql' } = options
  if (typeof slowQueryMs !== 'number' || !(slowQueryMs >= 0))
    fail('slowQueryMs must be a number of milliseconds from 0')
  if (!Number.isInteger(nPlusOneCount) || nPlusOneCount < 2) fail('nPlusOneCount must be a whole number from 2')
  if (typeof system !== 'string' || system === '') fail('system must be a text such as "postgresql"')
  for (const name of ['onSlowQuery', 'onNPlusOne', 'onFault', 'clock'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') fail(`${name} must be a function`)
  }
  if (options.metrics !== undefined && typeof options.metrics?.query !== 'function')
    fail('metrics must come from dbMetrics()')
  if (options.tracer !== undefined && typeof options.tracer?.startSpan !== 'function')
    fail('tracer must have startSpan()')
  return {
    metrics: options.metrics,
    tracer: options.tracer,
    rootSpans: options.rootSpans ?? true,
    system,
    captureStatement: options.captureStatement ?? true,
    onSlowQuery: options.onSlowQuery,
    slowQueryMs,
    onNPlusOne: options.onNPlusOne,
    nPlusOneCount,
    onFault: options.onFault,
    clock: options.clock ?? monotonicClock,
  }
}

function fail(reason: string): never {
  throw new TypeError(`instrumentDrizzle: ${reason}`)
}
