import { checkText } from '../notifiers/option-check.ts'
import { RefusedError, type Remediation } from '../remediation.ts'
import { RemediationError } from './remediation-error.ts'
import { type RemediationOptions, settingsOf } from './remediation-options.ts'

/** Makes a pool anew. A text that it resolves to goes into the audit, cut at 300 characters; anything else doesn't. */
export type PoolRestart = (run: { readonly signal: AbortSignal }) => Promise<unknown>

/** Options of {@link restartPool}. */
export interface RestartPoolOptions extends RemediationOptions {
  /** The pools that may be restarted, by name. None throws a TypeError. */
  readonly pools: Readonly<Record<string, PoolRestart>>
  /** The pool that is meant, whatever the alert says. One that is not in `pools` throws a TypeError. Default: by `label`. */
  readonly pool?: string
  /** Label of the alert that names the pool. Default: `pool`. */
  readonly label?: string
}

/**
 * Returns a remediation that calls your function for the pool which the alert names. One at a time: while it is under
 * way for a pool, and be it beyond its deadline, the next run for that pool is refused.
 *
 * Throws a TypeError that names the option which is wrong.
 *
 * @example
 * ```ts
 * import { restartPool } from '@honoscope/alerting/receiver'
 *
 * let connections = 10
 * const restart = restartPool({
 *   when: { alertname: 'DatabaseConnectionPoolExhaustion' },
 *   pools: {
 *     main: async () => {
 *       connections = 10
 *       return 'made a new pool of 10 connections'
 *     },
 *   },
 *   pool: 'main',
 * })
 * ```
 */
export function restartPool(options: RestartPoolOptions): Remediation {
  const pools = new Map(Object.entries(options.pools))
  if (pools.size === 0) throw new TypeError('restartPool: pools must have an entry')
  if (options.pool !== undefined && !pools.has(options.pool)) throw new TypeError('restartPool: pool must be in pools')
  const label = checkText('restartPool: label', options.label ?? 'pool')
  const running = new Set<string>()
  return {
    ...settingsOf('restartPool', options),
    async run(alert, { dryRun, signal }) {
      const name = options.pool ?? (Object.hasOwn(alert.labels, label) ? alert.labels[label] : undefined)
      if (name === undefined) throw new RefusedError(`the alert has no label ${label}`)
      const restart = pools.get(name)
      if (restart === undefined) throw new RefusedError('the pool is not allowed')
      if (running.has(name)) throw new RefusedError(`pool ${name} is being restarted already`)
      if (dryRun) return `would restart pool ${name}`
      running.add(name)
      const ended = Promise.resolve()
        .then(() => restart({ signal }))
        .finally(() => running.delete(name))
      const said = await unlessAborted(name, signal, ended)
      return typeof said === 'string' && said !== '' ? `pool ${name}: ${said.slice(0, 300)}` : `restarted pool ${name}`
    },
  }
}

async function unlessAborted<T>(name: string, signal: AbortSignal, ended: Promise<T>): Promise<T> {
  let stop = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new RemediationError(`pool ${name}: gave up waiting`))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  // Messages of database drivers hold addresses and names: the cause stays here.
  const failed = (): never => {
    throw new RemediationError(`pool ${name}: its restart failed`)
  }
  try {
    return await Promise.race([ended.catch(failed), aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
