import type { Catalogue, Gauge, GaugeOptions, LabelSpec } from '@honoscope/core'
import { describe, expect, it } from 'vitest'
import { createHealth } from './index.ts'

/** A catalogue that takes one gauge and shows its series as a scrape would. */
function recordingCatalogue() {
  const made: { name: string; labels: LabelSpec | undefined; init: boolean | undefined }[] = []
  const series = new Map<string, number>()
  let collect = (): void => {}
  const refuse = (): never => {
    throw new Error('health makes one gauge and nothing else')
  }
  const catalogue: Catalogue = {
    counter: refuse,
    histogram: refuse,
    gauge<const S extends LabelSpec>(options: GaugeOptions<S>): Gauge<S> {
      made.push({ name: options.name, labels: options.labels, init: options.init })
      const gauge: Gauge<S> = {
        set: (...args: readonly unknown[]) => {
          const [labels, value] = args
          series.set(Object.values(labels as object).join('/'), Number(value))
        },
        inc: refuse,
        dec: refuse,
        series: refuse,
        reset: () => series.clear(),
      }
      collect = () => void options.collect?.(gauge)
      return gauge
    },
  }
  const scrape = (): Record<string, number> => {
    collect()
    return Object.fromEntries(series)
  }
  return { catalogue, made, scrape }
}

describe('health_check_status', () => {
  it('shows the last result of each check, is absent for what is skipped or has not run, and runs nothing', async () => {
    const { catalogue, made, scrape } = recordingCatalogue()
    let up = true
    let configured = true
    let runs = 0
    const health = createHealth({
      cacheMs: 0,
      metrics: catalogue,
      ready: {
        database: () => {
          runs += 1
          return up
        },
        ai: { check: () => true, skip: () => !configured },
      },
      startup: { database: () => true },
    })
    expect(made).toEqual([
      {
        name: 'health_check_status',
        labels: { probe: ['live', 'ready', 'startup'], check: ['database', 'ai'] },
        init: false,
      },
    ])
    expect(scrape()).toEqual({})
    await health.check('ready')
    expect(scrape()).toEqual({ 'ready/database': 1, 'ready/ai': 1 })
    up = false
    configured = false
    await health.check('ready')
    await health.check('startup')
    expect(scrape()).toEqual({ 'ready/database': 0, 'startup/database': 1 })
    expect(runs).toBe(2)
  })

  it('is not made when there is no check', () => {
    const { catalogue, made } = recordingCatalogue()
    createHealth({ ready: {}, metrics: catalogue })
    expect(made).toEqual([])
  })
})
