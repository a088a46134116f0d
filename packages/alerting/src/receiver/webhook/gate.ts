import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { DeliveryResult, ReceiverMetrics } from '../telemetry/metrics.ts'
import { comeAgain, problem } from './problem.ts'

/** @see gate */
export interface GateOptions {
  readonly auth: MiddlewareHandler
  readonly metrics: ReceiverMetrics
  readonly bodyBytes: number
  /** Deliveries at once. */
  readonly deliveries: number
  /** Whether the receiver is being closed: another process is to take the delivery. */
  readonly closing: () => boolean
}

/** Returns what a delivery passes before it is read: who it is from, whether there is room, what it is and how long. */
export function gate(options: GateOptions): readonly [counted: MiddlewareHandler, ...rest: MiddlewareHandler[]] {
  const { auth, metrics, bodyBytes } = options
  const counted: MiddlewareHandler = async (c, next) => {
    await next()
    metrics.delivery(resultOf(c.res.status))
  }
  const typed: MiddlewareHandler = async (c, next) => {
    const type = c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
    if (type !== 'application/json') return problem(415, 'The body must be application/json.')
    return next()
  }
  const tooLarge = () => problem(413, `The body is larger than ${bodyBytes} bytes.`)
  return [counted, auth, room(options), typed, bodyLimit({ maxSize: bodyBytes, onError: tooLarge })]
}

/** What is read takes memory, so what comes on top of the limit is not read at all. */
function room({ deliveries, closing }: GateOptions): MiddlewareHandler {
  let underWay = 0
  return async (_c, next) => {
    if (closing()) return comeAgain('The receiver is being shut down.')
    if (underWay >= deliveries) return comeAgain('Too many deliveries are under way.')
    underWay++
    try {
      return await next()
    } finally {
      underWay--
    }
  }
}

const results: Readonly<Record<number, DeliveryResult>> = {
  ...{ 200: 'accepted', 400: 'invalid', 401: 'unauthorized', 403: 'unauthorized' },
  ...{ 413: 'too_large', 415: 'unsupported', 429: 'unauthorized' },
}

/** Middleware of the user's may answer with anything: what is not in the list was not taken either. */
const resultOf = (status: number): DeliveryResult => results[status] ?? 'unavailable'
