import type { Catalogue } from '@honoscope/core'
import type { InFlight } from './drain.ts'
import type { Render } from './render.ts'
import type { Probe } from './report.ts'
import type { Settled } from './runner.ts'
import type { Time } from './time.ts'

/**
 * Asks one dependency. `false`, a throw, a rejection and a `Response` that is not `ok` fail; everything else passes.
 *
 * An object literal may carry a `message` and extra fields (`{ is_leader: true, port: 5080 }`). Pass `signal` on
 * to what can be cancelled: it is aborted when the timeout is over.
 */
export type CheckFunction = (signal: AbortSignal) => unknown

/** A check with settings of its own. */
export interface CheckOptions {
  readonly check: CheckFunction
  /** Milliseconds after which the check has failed, 1 to 2^31 − 1. Default: `timeoutMs` of the health options. */
  readonly timeoutMs?: number
  /** Milliseconds for which a result is served again, from 0. Default: `cacheMs` of the health options. */
  readonly cacheMs?: number
  /** True for what is not configured: shown as `skip`, not counted. A function is asked at each probe. Default: false. */
  readonly skip?: boolean | (() => boolean)
}

/** A check, bare or with settings. */
export type Check = CheckFunction | CheckOptions

/** Checks by the name that the probe shows. */
export type Checks = Readonly<Record<string, Check>>

/** Where {@link HealthOptions.paths} puts the routes; `false` leaves one out. */
export interface HealthPaths {
  /** Default: `/health`. */
  readonly health?: string | false
  /** Default: `/health/live`. */
  readonly live?: string | false
  /** Default: `/health/ready`. */
  readonly ready?: string | false
  /** Default: `/health/startup`. */
  readonly startup?: string | false
}

/** What `createHealth` takes. A wrong value throws a `TypeError` that names the option. */
export interface HealthOptions extends Partial<Time> {
  /** What the service needs to serve a request. The name `shutdown` is taken by the drain. */
  readonly ready: Checks
  /** What only a restart can cure. Keep dependencies out of it: their outage would restart the service. Default: none. */
  readonly live?: Checks
  /** What must have happened once before traffic. Passed once, it has passed for good. Default: none. */
  readonly startup?: Checks
  /** Milliseconds that a check may take, 1 to 2^31 − 1. Default: 5000. */
  readonly timeoutMs?: number
  /** Milliseconds for which a check's result is served again, from 0, so that probes are no load. Default: 1000. */
  readonly cacheMs?: number
  /** Routes of `routes()`. Each starts with `/`. */
  readonly paths?: HealthPaths
  /** Writes the answers of all four routes. Default: the plain dialect. */
  readonly render?: Render
  /** Gets the gauge `health_check_status{probe,check}`: 1 passed, 0 failed, absent while skipped or not yet run. Default: no gauge. */
  readonly metrics?: Catalogue
  /** What a drain waits for. Default: nothing, so a drain ends after its grace. */
  readonly inFlight?: InFlight
}

/** The routes' default paths. */
export const defaultPaths: Required<HealthPaths> = {
  health: '/health',
  live: '/health/live',
  ready: '/health/ready',
  startup: '/health/startup',
}

/** Longest delay that `setTimeout` keeps; a longer one fires at once. */
const maxDelayMs = 2 ** 31 - 1

/** Returns `value` if it is a delay that a timer can keep; throws a `TypeError` that names `option` otherwise. */
export function delay(option: string, value: number, min: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= maxDelayMs)) {
    throw new TypeError(`health: ${option} must be a number of milliseconds from ${min} to ${maxDelayMs}, got ${value}`)
  }
  return value
}

/** Returns the probe's checks with every option filled in; throws a `TypeError` that names a wrong one. */
export function settle(probe: Probe, options: HealthOptions): ReadonlyMap<string, Settled> {
  const checks: unknown = options[probe] ?? (probe === 'ready' ? undefined : {})
  if (typeof checks !== 'object' || checks === null) throw new TypeError(`health: ${probe} must be an object of checks`)
  const timeoutMs = delay('timeoutMs', options.timeoutMs ?? 5000, 1)
  const cacheMs = delay('cacheMs', options.cacheMs ?? 1000, 0)
  return new Map(
    Object.entries(checks as Checks).map(([name, given]) => {
      const at = `${probe}.${name}`
      if (name === '') throw new TypeError(`health: ${probe} has a check without a name`)
      if (probe === 'ready' && name === 'shutdown')
        throw new TypeError('health: ready.shutdown: that name is taken by the drain')
      const check = typeof given === 'function' ? { check: given } : given
      if (typeof check?.check !== 'function')
        throw new TypeError(`health: ${at} must be a function or have a check function`)
      return [
        name,
        {
          check: check.check,
          skip: check.skip ?? false,
          timeoutMs: delay(`${at}.timeoutMs`, check.timeoutMs ?? timeoutMs, 1),
          cacheMs: delay(`${at}.cacheMs`, check.cacheMs ?? cacheMs, 0),
        },
      ]
    }),
  )
}

/** Returns every path; throws a `TypeError` for one that does not start with a slash. */
export function settlePaths(paths: HealthPaths = {}): Required<HealthPaths> {
  const all = { ...defaultPaths, ...paths }
  for (const [name, path] of Object.entries(all)) {
    if (path !== false && !(typeof path === 'string' && path.startsWith('/'))) {
      throw new TypeError(`health: paths.${name} must start with "/" or be false, got ${String(path)}`)
    }
  }
  return all
}
