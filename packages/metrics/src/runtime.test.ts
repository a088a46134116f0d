import { expositionFaults, hasPromtool, promtoolComplaints, runtime, samplesOf } from '@honoscope/testing'
import { describe, expect, it } from 'vitest'
import { createMetrics, type Metrics } from './index.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function block(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

async function value(metrics: Metrics, name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
  const samples = samplesOf(await metrics.render())
  return samples.find(
    (one) => one.name === name && Object.keys(labels).every((label) => one.labels[label] === labels[label]),
  )?.value
}

const prefix = runtime === 'bun' ? 'bun_' : 'nodejs_'

describe('runtime metrics', () => {
  it('are there by default, without the prefix, and read well', async () => {
    const metrics = createMetrics({ prefix: 'shop_' })
    const text = await metrics.render()
    expect(expositionFaults(text)).toEqual([])
    if (hasPromtool) expect(promtoolComplaints(text)).toEqual([])
    const memory = process.memoryUsage()
    expect(await value(metrics, 'process_resident_memory_bytes')).toBeGreaterThan(memory.rss / 2)
    expect(await value(metrics, `${prefix}heap_size_used_bytes`)).toBeGreaterThan(0)
    expect(await value(metrics, 'process_start_time_seconds')).toBeCloseTo(Date.now() / 1000 - process.uptime(), -1)
    expect(text).toMatch(/^(nodejs|bun)_version_info\{version="v?\d+\.\d+\.\d+[^"]*"\} 1$/m)
    metrics.close()
  })

  it('tell the CPU time that was used', async () => {
    const metrics = createMetrics()
    const before = (await value(metrics, 'process_cpu_seconds_total')) ?? 0
    block(200)
    const after = (await value(metrics, 'process_cpu_seconds_total')) ?? 0
    expect(after - before).toBeGreaterThan(0.05)
    expect(after - before).toBeLessThan(20)
    metrics.close()
  })

  it('see a stall of the event loop, and none where there is none', async () => {
    const metrics = createMetrics()
    await pause(100)
    block(300)
    await pause(60)
    const sum = (await value(metrics, `${prefix}eventloop_delay_seconds_sum`)) ?? 0
    const count = (await value(metrics, `${prefix}eventloop_delay_seconds_count`)) ?? 0
    const slow = count - ((await value(metrics, `${prefix}eventloop_delay_seconds_bucket`, { le: '0.25' })) ?? 0)
    expect(count).toBeGreaterThan(3)
    expect(slow).toBeGreaterThanOrEqual(1)
    expect(sum).toBeGreaterThan(0.25)
    // A runtime that counted the interval itself would be at 20 ms for each look, most of all without any load.
    expect(await value(metrics, `${prefix}eventloop_delay_seconds_bucket`, { le: '0.01' })).toBeGreaterThan(0)
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
    expect(await value(metrics, 'nodejs_gc_duration_seconds_count', { kind: 'minor' })).toBeGreaterThan(0)
    expect(await value(metrics, 'nodejs_eventloop_time_seconds_total', { state: 'active' })).toBeGreaterThan(0)
    metrics.close()
  })

  it('stop at close, and can be left out', async () => {
    const metrics = createMetrics()
    metrics.close()
    metrics.close()
    const name = `${prefix}eventloop_delay_seconds_count`
    const before = await value(metrics, name)
    await pause(80)
    expect(await value(metrics, name)).toBe(before)
    expect(await createMetrics({ runtime: false }).render()).not.toContain('process_')
  })
})
