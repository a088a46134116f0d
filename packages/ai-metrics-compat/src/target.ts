import type { Metrics } from '@honoscope/metrics'
import { type AiMetrics, createAiMetrics } from './ai-metrics.ts'

type Registry = Metrics['registry']

/** Which set of metrics is recorded into, and which app has which. */
export interface Target {
  /** The set that is recorded into now; made at the first call. */
  current(): AiMetrics
  /** Records into the app's set from now on. @throws TypeError when that can't be. */
  use(metrics: Pick<Metrics, 'registry'>): void
}

/** Makes a target that belongs to no app. */
export function createTarget(): Target {
  const owned = new WeakMap<Registry, AiMetrics>()
  let isOwned = false
  let set: AiMetrics | undefined

  const current = (): AiMetrics => {
    set ??= createAiMetrics()
    return set
  }
  return {
    current,
    use(metrics) {
      const registry = metrics?.registry
      if (typeof registry?.registerMetric !== 'function') {
        throw new TypeError('useMetrics: metrics must come from createMetrics()')
      }
      const known = owned.get(registry)
      const next = known ?? (isOwned ? createAiMetrics() : current())
      if (known === undefined) putInto(registry, next)
      owned.set(registry, next)
      isOwned = true
      set = next
    },
  }
}

/** All or nothing: with half of them in, a second attempt could only fail. */
function putInto(registry: Registry, { metrics }: AiMetrics): void {
  const own = metrics.registry.getMetricsAsArray()
  const taken = own.find(({ name }) => registry.getSingleMetric(name) !== undefined)
  if (taken !== undefined) throw new TypeError(`useMetrics: there is a metric ${taken.name} already`)
  const sink: { registerMetric(metric: object): void } = registry
  for (const metric of own) sink.registerMetric(metric)
}
