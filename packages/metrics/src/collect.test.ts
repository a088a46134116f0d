import { Gauge } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { createMetrics, type Metrics, open } from './index.ts'

const help = 'Help.'
const never = (): Promise<void> => new Promise(() => {})

function create(collectTimeoutMs = 60): Metrics {
  return createMetrics({ runtime: false, collectTimeoutMs })
}

describe('collectors', () => {
  it('run before each scrape, of gauges and counters', async () => {
    const metrics = create()
    let rows = 1
    metrics.gauge({ name: 'rows', help, collect: (gauge) => gauge.set(rows) })
    metrics.counter({ name: 'bytes_total', help, collect: async (counter) => counter.set(rows * 100) })
    expect(await metrics.render()).toMatch(/\nrows 1\n[\s\S]*\nbytes_total 100\n/)
    rows = 2
    expect(await metrics.render()).toMatch(/\nrows 2\n[\s\S]*\nbytes_total 200\n/)
  })

  it('that throw, reject or hang are left out and counted; the others are served', async () => {
    const metrics = create()
    metrics.gauge({ name: 'good', help }).set(1)
    metrics.gauge({
      name: 'throws',
      help,
      collect() {
        throw new Error('no')
      },
    })
    metrics.gauge({ name: 'rejects', help, collect: () => Promise.reject('no') })
    metrics.counter({ name: 'hangs_total', help, collect: never })
    new Gauge({ name: 'their_throws', help, registers: [metrics.registry], collect: () => Promise.reject('no') })
    new Gauge({ name: 'their_hangs', help, registers: [metrics.registry], collect: never })
    new Gauge({ name: 'their_good', help, registers: [metrics.registry] }).set(2)
    const text = await metrics.render()
    expect(text).toContain('\ngood 1\n')
    expect(text).toContain('\ntheir_good 2\n')
    for (const name of ['throws', 'rejects', 'hangs_total', 'their_throws', 'their_hangs']) {
      expect(text).not.toContain(`# TYPE ${name} `)
      expect(text).toContain(`honoscope_collector_errors_total{metric="${name}"} 1\n`)
    }
  })

  it('run side by side', async () => {
    const metrics = create(2000)
    const slow = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100))
    for (let i = 0; i < 10; i++) metrics.gauge({ name: `slow_${i}`, help, collect: slow })
    const started = performance.now()
    await metrics.render()
    expect(performance.now() - started).toBeLessThan(900)
  })

  it('that hang are not started again, and cost the next scrape no time', async () => {
    const metrics = create(200)
    let started = 0
    let release = (): void => {}
    metrics.gauge({
      name: 'stuck',
      help,
      collect(gauge) {
        started++
        return new Promise((resolve) => {
          release = () => {
            gauge.set(started)
            resolve()
          }
        })
      },
    })
    await Promise.all([metrics.render(), metrics.render()])
    const before = performance.now()
    await metrics.render()
    expect(performance.now() - before).toBeLessThan(150)
    expect(started).toBe(1)
    release()
    await new Promise((resolve) => setTimeout(resolve, 5))
    const last = metrics.render()
    expect(started).toBe(2)
    release()
    expect(await last).toContain('\nstuck 2\n')
  })

  it('that clear their gauge disturb no scrape that is being written', async () => {
    const metrics = create(1000)
    metrics.gauge({
      name: 'nodes',
      help,
      labels: { node: open(10) },
      async collect(gauge) {
        gauge.reset()
        await new Promise((resolve) => setTimeout(resolve, 3))
        gauge.set({ node: 'a' }, 1)
        await new Promise((resolve) => setTimeout(resolve, 3))
        gauge.set({ node: 'b' }, 1)
      },
    })
    metrics.gauge({ name: 'slow', help, collect: () => new Promise((resolve) => setTimeout(resolve, 10)) })
    const scrapes = Array.from({ length: 20 }, async (_, i) => {
      await new Promise((resolve) => setTimeout(resolve, i))
      return metrics.render()
    })
    for (const text of await Promise.all(scrapes)) expect(text).toContain('nodes{node="a"} 1\nnodes{node="b"} 1\n')
  })

  it('count the series of each metric, and of the count itself', async () => {
    const metrics = create()
    metrics.histogram({ name: 'h_seconds', help, labels: { n: ['1', '2'] }, buckets: [1, 2] })
    new Gauge({ name: 'theirs', help, labelNames: ['n'], registers: [metrics.registry] }).set({ n: 'x' }, 1)
    const text = await metrics.render()
    expect(text).toContain('honoscope_series{metric="h_seconds"} 10\n')
    expect(text).toContain('honoscope_series{metric="theirs"} 1\n')
    expect(text).toContain(`honoscope_series{metric="honoscope_series"} ${text.match(/^honoscope_series/gm)?.length}\n`)
  })
})
