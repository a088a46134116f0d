import type { Catalogue } from '@honoscope/core'
import type { Probe } from './report.ts'
import type { Runner } from './runner.ts'

/** The runners of each probe, by the check's name. */
export type Runners = Readonly<Record<Probe, ReadonlyMap<string, Runner>>>

const probes = ['live', 'ready', 'startup'] as const

/**
 * Registers `health_check_status{probe,check}`. A scrape reads the last results and runs no check, so that it
 * can neither hang with one nor be a load on what it asks.
 */
export function registerGauge(metrics: Catalogue, runners: Runners): void {
  const names = [...new Set(probes.flatMap((probe) => [...runners[probe].keys()]))]
  if (names.length === 0) return
  metrics.gauge({
    name: 'health_check_status',
    help: 'Last result of a health check: 1 passed, 0 failed. Absent while skipped or not yet run.',
    labels: { probe: probes, check: names },
    init: false,
    collect: (gauge) => {
      gauge.reset()
      for (const probe of probes) {
        for (const [check, runner] of runners[probe]) {
          const status = runner.last()?.status
          if (status === 'pass' || status === 'fail') gauge.set({ probe, check }, status === 'pass' ? 1 : 0)
        }
      }
    },
  })
}
