import { expositionFaults, hasPromtool, promtoolComplaints, runtime, samplesOf } from '@honoscope/testing'
import { describe, expect, it } from 'vitest'
import { createMetrics, type Metrics } from './index.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function block(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

/** Finds samples in one scrape, so that they belong together. */
async function scrape(metrics: Metrics): Promise<(name: string, labels?: Record<string, string>) => number> {
  const samples = samplesOf(await metrics.render())
  return (name, labels = {}) => {
    const fits = (label: string, of: (typeof samples)[number]): boolean => of.labels[label] === labels[label]
    const found = samples.find((one) => one.name === name && Object.keys(labels).every((label) => fits(label, one)))
    return found?.value ?? Number.NaN
  }
}

const prefix = runtime === 'bun' ? 'bun_' : 'nodejs_'

describe('runtime metrics', () => {
  it('are there by default, without the prefix, and read well', async () => {
    const metrics = createMetrics({ prefix: 'shop_' })
    const text = await metrics.render()
    expect(expositionFaults(text)).toEqual([])
    if (hasPromtool) expect(promtoolComplaints(text)).toEqual([])
    const value = await scrape(metrics)
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(process.memoryUsage().rss / 2)
    expect(value(`${prefix}heap_size_used_bytes`)).toBeGreaterThan(0)
    expect(value('process_start_time_seconds')).toBeCloseTo(Date.now() / 1000 - process.uptime(), -1)
    expect(text).toMatch(/^(nodejs|bun)_version_info\{version="v?\d+\.\d+\.\d+[^"]*"\} 1$/m)
    metrics.close()
  })

  it('tell the CPU time that was used, in seconds', async () => {
    const metrics = createMetrics()
    block(50)
    const seconds = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6
    const before = seconds()
    const value = await scrape(metrics)
    expect(value('process_cpu_seconds_total')).toBeGreaterThanOrEqual(before)
    expect(value('process_cpu_seconds_total')).toBeLessThanOrEqual(seconds())
    expect(value('process_cpu_user_seconds_total')).toBeGreaterThan(0)
    metrics.close()
  })

  it('see a stall of the event loop, and none where there is none', async () => {
    const metrics = createMetrics()
    const name = `${prefix}eventloop_delay_seconds`
    await pause(100)
    block(300)
    await pause(60)
    const value = await scrape(metrics)
    expect(value(`${name}_count`)).toBeGreaterThan(2)
    expect(value(`${name}_count`) - value(`${name}_bucket`, { le: '0.25' })).toBeGreaterThanOrEqual(1)
    expect(value(`${name}_sum`)).toBeGreaterThan(0.25)
    // Were the interval counted in, no look would be below 20 ms.
    expect(value(`${name}_bucket`, { le: '0.01' })).toBeGreaterThan(0)
    metrics.close()
  })

  it('leave out what Bun can not tell, and tell it under Node', async () => {
    const metrics = createMetrics()
    const text = await metrics.render()
    const nodeOnly = [
      'gc_duration_seconds',
      'eventloop_time_seconds_total',
      'active_resources',
      'heap_size_limit_bytes',
    ]
    for (const name of nodeOnly) expect(text.includes(`# TYPE ${prefix}${name} `)).toBe(runtime === 'node')
    metrics.close()
  })

  it.skipIf(runtime === 'bun')('see garbage being collected (Node)', async () => {
    const metrics = createMetrics()
    let kept: object[] = []
    for (let i = 0; i < 2_000_000; i++) {
      kept.push({ i })
      if (i % 100_000 === 0) kept = []
    }
    await pause(50)
    const value = await scrape(metrics)
    expect(value('nodejs_gc_duration_seconds_count', { kind: 'minor' })).toBeGreaterThan(0)
    expect(value('nodejs_eventloop_time_seconds_total', { state: 'active' })).toBeGreaterThan(0)
    metrics.close()
  })

  it('stop at close, and can be left out', async () => {
    const metrics = createMetrics()
    metrics.close()
    metrics.close()
    const name = `${prefix}eventloop_delay_seconds_count`
    const before = (await scrape(metrics))(name)
    await pause(80)
    expect((await scrape(metrics))(name)).toBe(before)
    expect(await createMetrics({ runtime: false }).render()).not.toContain('process_')
  })
})
