import { createCollector, type Part } from './collect.ts'
import { defaultLabels, type Registry, registeredMetrics } from './registry.ts'
import { renderGently, type Slice } from './render.ts'
import type { SelfMetrics } from './self.ts'

/** Makes what writes one scrape of a registry, in slices. Scrapes may overlap. */
export function createScrape(
  registry: Registry,
  self: SelfMetrics,
  timeoutMs: number,
): (openMetrics: boolean) => AsyncGenerator<Slice, void> {
  const collector = createCollector({ timeoutMs, onFailure: self.collectorFailed })
  return async function* scrape(openMetrics) {
    const parts = await collector.collect(registeredMetrics(registry))
    countSeries(parts, self)
    yield* renderGently(parts, { openMetrics, defaultLabels: await defaultLabels(registry) })
  }
}

/** Done when everything is collected and nothing is written yet, so that a scrape tells its own size. */
function countSeries(parts: readonly Part[], self: SelfMetrics): void {
  self.clearSeries()
  for (const { name } of parts) self.countSeries(name, 0)
  for (const { name, snapshot } of parts) {
    const { children, seriesPerChild } = snapshot()
    self.countSeries(name, children * seriesPerChild)
  }
}
