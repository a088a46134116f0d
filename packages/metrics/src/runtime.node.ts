import type { Catalogue } from '@honoscope/core'
import { open } from './labels.ts'

const prefix = 'nodejs_'

/** Milliseconds over which the utilisation is measured. */
const utilizationWindowMs = 5000

/** Adds what only Node can tell; returns what stops its timers and observers. */
export function registerNode(catalogue: Catalogue, host: NodeJS.Process): () => void {
  registerHeapLimit(catalogue, host)
  registerResources(catalogue, host)
  const hooks = host.getBuiltinModule?.('node:perf_hooks')
  if (hooks === undefined) return () => {}
  const stopUtilization = watchUtilization(catalogue, hooks.performance)
  const stopGc = watchGc(catalogue, hooks)
  return () => {
    stopUtilization()
    stopGc()
  }
}

function registerHeapLimit(catalogue: Catalogue, host: NodeJS.Process): void {
  const limit = host.getBuiltinModule?.('node:v8').getHeapStatistics().heap_size_limit
  if (limit === undefined) return
  const help = 'Bytes that the JavaScript heap may grow to (--max-old-space-size).'
  catalogue.gauge({ name: 'heap_size_limit_bytes', prefix, help }).set(limit)
}

function registerResources(catalogue: Catalogue, host: NodeJS.Process): void {
  if (typeof host.getActiveResourcesInfo !== 'function') return
  catalogue.gauge({
    name: 'active_resources',
    prefix,
    help: 'Timers, sockets, requests and the like that keep the event loop alive, by type.',
    labels: { type: open(50) },
    collect(self) {
      self.reset()
      for (const type of host.getActiveResourcesInfo()) self.inc({ type })
    },
  })
}

type Performance = typeof import('node:perf_hooks').performance

function watchUtilization(catalogue: Catalogue, performance: Performance): () => void {
  catalogue.counter({
    name: 'eventloop_time_seconds_total',
    prefix,
    help: 'Time that the event loop has worked (active) and waited (idle), in seconds.',
    labels: { state: ['active', 'idle'] },
    collect(self) {
      const { active, idle } = performance.eventLoopUtilization()
      self.set({ state: 'active' }, active / 1000)
      self.set({ state: 'idle' }, idle / 1000)
    },
  })
  const ratio = catalogue.gauge({
    name: 'eventloop_utilization_ratio',
    prefix,
    help: `Part of the last ${utilizationWindowMs / 1000} seconds in which the event loop worked, 0 to 1.`,
  })
  let last = performance.eventLoopUtilization()
  ratio.set(last.utilization)
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    ratio.set(performance.eventLoopUtilization(now, last).utilization)
    last = now
  }, utilizationWindowMs)
  timer.unref()
  return () => clearInterval(timer)
}

const gcKinds = { 1: 'minor', 2: 'minor_mark_compact', 4: 'major', 8: 'incremental', 16: 'weakcb' } as const

/** What Node adds to the entries of its garbage collector. */
interface GcEntry extends PerformanceEntry {
  readonly detail: { readonly kind: keyof typeof gcKinds }
}

function watchGc(catalogue: Catalogue, { PerformanceObserver }: typeof import('node:perf_hooks')): () => void {
  const pauses = catalogue.histogram({
    name: 'gc_duration_seconds',
    prefix,
    help: 'Pauses of the garbage collector by kind, in seconds.',
    labels: { kind: Object.values(gcKinds) },
    buckets: [0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
  })
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as GcEntry[]) {
      pauses.observe({ kind: gcKinds[entry.detail.kind] }, entry.duration / 1000)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return () => observer.disconnect()
}
