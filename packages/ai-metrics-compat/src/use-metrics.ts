import type { Metrics } from '@honoscope/metrics'
import type { Handler } from 'hono'
import type { AiMetrics } from './ai-metrics.ts'
import { createTarget } from './target.ts'

/** One for the process: the functions are called from anywhere, and nobody hands them anything. */
const target = createTarget()

/** Returns what the functions record into now. */
export const aiMetrics: () => AiMetrics = target.current

/**
 * Puts the metrics of this package into the app's, whatever prefix those have; from now on the functions record there.
 *
 * What was recorded before any app had them comes along. A second app gets a set of its own, at zero; the same app
 * again, what it has.
 *
 * @throws TypeError when `metrics` has no registry, or a metric of the same name is in it already.
 * @example
 * ```ts
 * import { incAICallCount, useMetrics } from '@honoscope/ai-metrics-compat'
 * import { createMetrics } from '@honoscope/metrics'
 *
 * const metrics = createMetrics({ prefix: 'shop_' })
 * useMetrics(metrics)
 * incAICallCount('nlq', 'success')
 * ```
 */
export function useMetrics(metrics: Pick<Metrics, 'registry'>): void {
  target.use(metrics)
}

/**
 * Returns a handler that serves the metrics of this package alone, whether or not an app has them: those that the
 * functions record into at the time of the scrape.
 */
export function metricsHandler(): Handler {
  return (c, next) => aiMetrics().metrics.handler(c, next)
}
