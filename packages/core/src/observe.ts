import type { Context, MiddlewareHandler } from 'hono'
import { runAround } from './around.ts'
import { type Clock, monotonicClock } from './clock.ts'
import { watchEnding } from './ending.ts'
import { createGuard, type FaultLog } from './guard.ts'
import { respondAll, startAll } from './hooks.ts'
import type { AnyInstrument } from './instrument.ts'
import { ObservedExchange } from './observed.ts'
import type { Observer } from './observer.ts'
import type { RoutedApp } from './route.ts'
import { runInScope } from './scope.ts'

/** Options of {@link createObserver}. */
export interface ObserverOptions {
  /**
   * The app that the middleware is mounted on. With it a 405 or a CORS preflight has the route that it was aimed at;
   * without it (the default) such a request is `unmatched`, as Hono shows a middleware only the routes of its method.
   */
  readonly app?: RoutedApp
  /** Monotonic milliseconds. Default: the platform's clock. */
  readonly clock?: Clock
  /** Told of a failing hook, at most once a minute for each instrument and hook. Default: nobody. */
  readonly log?: FaultLog
}

/** Makes the middleware of {@link observe}. */
export type Observe = (...instruments: readonly AnyInstrument[]) => MiddlewareHandler

/**
 * Returns an {@link observe} with options of its own.
 *
 * @example
 * ```ts
 * import { createObserver, inFlight } from '@honoscope/core'
 * import { Hono } from 'hono'
 *
 * const app = new Hono()
 * const observe = createObserver({ app, log: (message) => console.warn(message) })
 * app.use(observe(inFlight()))
 * ```
 */
export function createObserver(options: ObserverOptions = {}): Observe {
  const { app, clock = monotonicClock, log } = options
  return (...instruments) => {
    checkInstruments(instruments)
    const guard = createGuard(instruments, clock, log)
    const has = {
      around: instruments.some((one) => one.around),
      respond: instruments.some((one) => one.respond),
      scope: instruments.some((one) => one.scoped),
    }
    const observer: Observer = { instruments, guard, clock, app, has }
    return function observe(c, next) {
      return isObserved(c, observer) ? next() : observeExchange(observer, c, next)
    }
  }
}

/**
 * Returns the one middleware that shows a request to all `instruments`, from its first byte to its last.
 *
 * Mount it first, once for all of the app. It changes nothing of the response. Throws a `TypeError` when an
 * instrument has no name, or two have the same.
 *
 * @example
 * ```ts
 * import { type Instrument, observe } from '@honoscope/core'
 * import { Hono } from 'hono'
 *
 * const slow: Instrument = {
 *   name: 'slow',
 *   end(x) {
 *     if (x.durationMs > 1000) console.warn(x.method, x.route, x.status, x.outcome, x.durationMs)
 *   },
 * }
 * const app = new Hono()
 * app.use(observe(slow))
 * ```
 */
export const observe: Observe = createObserver()

function checkInstruments(instruments: readonly AnyInstrument[]): void {
  const names = new Set<string>()
  for (const { name } of instruments) {
    if (typeof name !== 'string' || name === '') throw new TypeError('observe(): each instrument needs a "name"')
    if (names.has(name)) throw new TypeError(`observe(): two instruments have the name "${name}"`)
    names.add(name)
  }
}

const observedBy: unique symbol = Symbol('honoscope.observedBy')

/** A context that remembers who observes it, so that an observer mounted twice counts once. */
interface ObservedContext extends Context {
  [observedBy]?: Observer | readonly Observer[]
}

function isObserved(c: ObservedContext, observer: Observer): boolean {
  const present = c[observedBy]
  if (present === undefined) {
    c[observedBy] = observer
    return false
  }
  const all = [present].flat()
  c[observedBy] = [...all, observer]
  return all.includes(observer)
}

async function observeExchange(observer: Observer, c: Context, next: () => Promise<void>): Promise<void> {
  const x = new ObservedExchange(c, observer)
  startAll(x)
  const end = watchEnding(x)
  try {
    await (observer.has.scope ? runInScope(x, () => runRest(x, next)) : runRest(x, next))
  } catch (error) {
    // What no onError could answer: Hono lets it through to the server, and that says 500.
    settle(x, 500, error)
    end(x, false)
    throw error
  }
  // Asking a context without a response for one would make it a 200; Hono answers such a request with an error.
  const answered = c.finalized
  settle(x, answered ? statusOf(c, x) : 500, c.error)
  if (answered && observer.has.respond) respondAll(x)
  end(x, answered)
}

function runRest(x: ObservedExchange, next: () => Promise<void>): Promise<void> {
  return x.observer.has.around ? runAround(x, next) : next()
}

function settle(x: ObservedExchange, status: number, error: unknown): void {
  // Without a respond hook nobody asks before the connection tells.
  if (x.observer.has.respond || x.outgoing === undefined) x.ttfbMs = x.observer.clock() - x.startedAt
  x.status = status
  x.error = error
}

/** 101 for an accepted WebSocket: the adapters answer with an empty 200 that nobody sends. */
function statusOf(c: Context, x: ObservedExchange): number {
  const { status } = c.res
  if (status !== 200 || x.method !== 'GET' || x.sentText !== undefined || x.outgoing) return status
  return c.req.header('upgrade')?.toLowerCase() === 'websocket' && c.res.body === null ? 101 : status
}
