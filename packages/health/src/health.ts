import { type Handler, Hono } from 'hono'
import { type DrainOptions, waitUntilIdle } from './drain.ts'
import { type Runners, registerGauge } from './gauge.ts'
import { type HealthOptions, settle, settlePaths } from './options.ts'
import { type Render, renderPlain } from './render.ts'
import type { CheckResult, Probe, Report } from './report.ts'
import { createRunner, type Runner } from './runner.ts'
import { systemTime, type Time } from './time.ts'

/** Probes of one service. */
export interface Health {
  /** Returns an app with GET and HEAD for the four routes, to be mounted with `app.route('/', health.routes())`. */
  routes(): Hono
  /** Returns the handler of the single route, which runs no check. `render` replaces the one of the options. */
  health(render?: Render): Handler
  /** Returns the handler of the liveness probe. */
  live(render?: Render): Handler
  /** Returns the handler of the readiness probe. */
  ready(render?: Render): Handler
  /** Returns the handler of the startup probe. */
  startup(render?: Render): Handler
  /** Runs a probe's checks and resolves to what they said. Never rejects. */
  check(probe: Probe): Promise<Report>
  /**
   * Makes readiness fail at once, waits for the grace, then for the requests in flight. Resolves to true when none is
   * left, to false when the time is over first; rejects with a `TypeError` for a wrong option, not ready all the same.
   * A second call returns the first one's promise.
   */
  drain(options?: DrainOptions): Promise<boolean>
  /** True from the first call of `drain` on. */
  readonly draining: boolean
}

/**
 * Returns the probes of a service: live, ready, startup and the plain `/health`.
 *
 * Checks run in parallel, each within its own timeout, and share results for a short time, so that neither a hanging
 * dependency nor a flood of probes does harm. Throws a `TypeError` that names the option when one is wrong.
 *
 * @example
 * ```ts
 * import { createHealth } from '@honoscope/health'
 * import { Hono } from 'hono'
 *
 * const health = createHealth({ ready: { cache: (signal) => fetch('http://127.0.0.1:8080/ping', { signal }) } })
 * const app = new Hono().route('/', health.routes())
 * ```
 */
export function createHealth(options: HealthOptions): Health {
  const time: Time = {
    clock: options.clock ?? systemTime.clock,
    now: options.now ?? systemTime.now,
    timer: options.timer ?? systemTime.timer,
  }
  const paths = settlePaths(options.paths)
  const runners: Runners = {
    live: runnersOf('live', options, time),
    ready: runnersOf('ready', options, time),
    startup: runnersOf('startup', options, time),
  }
  if (options.metrics) registerGauge(options.metrics, runners)

  let started: Report['checks'] | undefined
  let drained: Promise<boolean> | undefined

  async function check(probe: Probe): Promise<Report> {
    if (probe === 'startup' && started) return report(probe, started, time)
    const checks = await runAll(runners[probe])
    // Read after the checks: a drain that began meanwhile must not be answered with "ready".
    if (probe === 'ready' && drained) return report(probe, { ...checks, shutdown }, time)
    const found = report(probe, checks, time)
    if (probe === 'startup' && found.ok) started = checks
    return found
  }

  const handler =
    (probe: Report['probe'], render: Render = options.render ?? renderPlain): Handler =>
    async (context) => {
      const found = probe === 'health' ? report(probe, {}, time) : await check(probe)
      const response = await render(found, context)
      response.headers.set('Cache-Control', 'no-store')
      return response
    }

  const health: Health = {
    routes() {
      const app = new Hono()
      for (const probe of ['health', 'live', 'ready', 'startup'] as const) {
        const path = paths[probe]
        if (path !== false) app.get(path, health[probe]())
      }
      return app
    },
    health: (render) => handler('health', render),
    live: (render) => handler('live', render),
    ready: (render) => handler('ready', render),
    startup: (render) => handler('startup', render),
    check,
    drain(drainOptions = {}) {
      drained ??= waitUntilIdle(drainOptions, options.inFlight, time)
      return drained
    },
    get draining() {
      return drained !== undefined
    },
  }
  return health
}

const shutdown: CheckResult = { status: 'fail', latencyMs: 0, message: 'shutting down' }

function runnersOf(probe: Probe, options: HealthOptions, time: Time): ReadonlyMap<string, Runner> {
  return new Map([...settle(probe, options)].map(([name, checkOptions]) => [name, createRunner(checkOptions, time)]))
}

async function runAll(runners: ReadonlyMap<string, Runner>): Promise<Report['checks']> {
  const results = await Promise.all([...runners].map(async ([name, runner]) => [name, await runner.run()] as const))
  return Object.fromEntries(results)
}

function report(probe: Report['probe'], checks: Report['checks'], { now }: Time): Report {
  const ok = Object.values(checks).every((result) => result.status !== 'fail')
  return { probe, ok, timestamp: now(), checks }
}
