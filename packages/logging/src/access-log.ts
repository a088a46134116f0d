import type { Exchange, Instrument } from '@honoscope/core'
import type { LogFields } from './fields.ts'
import { type LogLevel, logLevels } from './level.ts'
import type { Logger } from './logger.ts'

/** What {@link accessLog} can be told. A function that throws costs what it was asked for, never the line. */
export interface AccessLogOptions {
  /** Default: `request`. */
  readonly message?: string
  /**
   * How grave a request is; for what is no level the default holds. Default: `error` for a status from 500 on and for what failed, `warn` for one from 400 on,
   * otherwise `info`, also when the client went away.
   */
  readonly level?: (x: Exchange) => LogLevel
  /** Further fields, such as a request id. Addresses and user agents are personal data: ask for them here. */
  readonly fields?: (x: Exchange) => LogFields | undefined
  /** Requests without a line: route templates, with `*` at the end for all that begin so; or a function. Default: none. */
  readonly skip?: readonly string[] | ((x: Exchange) => boolean)
  /**
   * Share of the requests with a line, from 0 to 1, of those that succeeded; others always have one. Such a line says
   * its share as `sample`. Default: 1.
   */
  readonly sample?: number
  /** Adds `path`, without the query and with its secrets masked. It holds ids of your users. Default: false. */
  readonly path?: boolean
  /** From 0 to 1. Default: `Math.random`. */
  readonly random?: () => number
}

/**
 * Returns an instrument for `observe()` that writes one line for each request, when it has ended: method, route
 * template, status, outcome, times, bytes, what was spent on the database, the ids of its span, its error.
 * A wrong option throws a `TypeError`.
 *
 * @example
 * ```ts
 * import { observe } from '@honoscope/core'
 * import { accessLog, createLogger } from '@honoscope/logging'
 * import { Hono } from 'hono'
 *
 * const logger = createLogger({ name: 'shop' })
 * const app = new Hono()
 * app.use(observe(accessLog(logger.named('shop.http'), { skip: ['/health/*'], sample: 0.1 })))
 * ```
 */
export function accessLog(logger: Logger, options: AccessLogOptions = {}): Instrument {
  const { message = 'request', level = levelOf, fields, path = false, sample = 1, random = Math.random } = options
  if (!(sample >= 0 && sample <= 1)) throw new TypeError('sample: must be a number from 0 to 1')
  const skipped = skipper(options.skip ?? [])

  return {
    name: 'access_log',
    // Lines that a handler writes find the span and the request through it.
    scoped: true,
    end(x) {
      const asked = attempt(() => level(x))
      const grade = asked !== undefined && logLevels.includes(asked) ? asked : levelOf(x)
      if (!logger.isLevelEnabled(grade) || attempt(() => skipped(x))) return
      const sampled = sample < 1 && succeeded(x)
      if (sampled && random() >= sample) return
      logger.log(grade, message, {
        ...told(x),
        ...(path && { path: x.context.req.path }),
        ...(sampled && { sample }),
        ...attempt(() => fields?.(x)),
      })
    },
  }
}

function told(x: Exchange): LogFields {
  const line: Record<string, unknown> = {
    method: x.method,
    route: x.route,
    status: x.status,
    outcome: x.outcome,
    duration_ms: rounded(x.durationMs),
    ttfb_ms: rounded(x.ttfbMs),
    request_bytes: x.requestBytes,
    response_bytes: x.responseBytes,
  }
  for (const [kind, { count, durationMs }] of x.work) {
    line[`${kind}_count`] = count
    line[`${kind}_ms`] = rounded(durationMs)
  }
  // Given, since the scope of the request need not be current at its end.
  line.trace_id = x.span?.traceId
  line.span_id = x.span?.spanId
  if (x.error !== undefined) line.error = x.error instanceof Error ? x.error : { type: typeof x.error }
  return line
}

function levelOf({ status, outcome }: Exchange): LogLevel {
  if (status >= 500 || outcome === 'error') return 'error'
  return status >= 400 ? 'warn' : 'info'
}

const succeeded = ({ status, outcome }: Exchange): boolean => status < 400 && outcome !== 'error'

/** Microseconds are as exact as clocks are. */
const rounded = (ms: number): number => Math.round(ms * 1000) / 1000

function skipper(skip: NonNullable<AccessLogOptions['skip']>): (x: Exchange) => boolean {
  if (typeof skip === 'function') return skip
  const exact = new Set(skip.filter((route) => !route.endsWith('*')))
  const prefixes = skip.filter((route) => route.endsWith('*')).map((route) => route.slice(0, -1))
  return ({ route }) => exact.has(route) || prefixes.some((prefix) => route.startsWith(prefix))
}

function attempt<T>(ask: () => T): T | undefined {
  try {
    return ask()
  } catch {
    return undefined
  }
}
