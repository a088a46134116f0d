import { runtimeCatalogue } from '../catalogues/index.ts'
import { count, max, sum } from '../promql/aggregate.ts'
import { changes, rate } from '../promql/functions.ts'
import { div, mul, or } from '../promql/operators.ts'
import { selectFrom } from '../promql/select.ts'
import { chosen } from './series.ts'
import type { RowSpec } from './spec.ts'

const series = selectFrom(runtimeCatalogue)
const window = '$__rate_interval'
const started = series('process_start_time_seconds', chosen)

export const summary: RowSpec = {
  title: 'Now',
  lines: [
    [
      {
        title: 'Processes',
        kind: 'stat',
        description: 'Processes that are scraped. It is the number of replicas, or one is gone.',
        unit: 'short',
        queries: [{ expr: count(started), legend: 'processes' }],
      },
      {
        title: 'Runtime',
        kind: 'stat',
        description: 'Processes by the version of their runtime. Two versions are normal during a rollout only.',
        unit: 'short',
        queries: [
          { expr: count(series('nodejs_version_info', chosen), { by: ['version'] }), legend: 'Node {{version}}' },
          { expr: count(series('bun_version_info', chosen), { by: ['version'] }), legend: 'Bun {{version}}' },
        ],
      },
      {
        title: 'Last start',
        kind: 'stat',
        description: 'When the youngest process started. Recent without a rollout: it crashed or was killed.',
        unit: 'dateTimeFromNow',
        // Grafana counts in milliseconds.
        queries: [{ expr: mul(max(started), 1000), legend: 'started' }],
      },
      {
        title: 'Starts in the last hour',
        kind: 'stat',
        description: 'Restarts of the processes. 0 is normal; each more is a rollout or a crash.',
        unit: 'short',
        queries: [{ expr: sum(changes(started, '1h')), legend: 'restarts' }],
        limits: { warning: 1, critical: 3 },
      },
    ],
  ],
}

export const processor: RowSpec = {
  title: 'Processor',
  lines: [
    [
      {
        title: 'CPU',
        description:
          'Cores in use by each process. JavaScript runs on one: near 1 it is at its end, and requests wait. More is the collector, the crypto pool or workers.',
        unit: 'short',
        queries: [{ expr: rate(series('process_cpu_seconds_total', chosen), window), legend: '{{job}} {{instance}}' }],
        limits: { warning: 0.8, critical: 1 },
      },
      {
        title: 'CPU in the kernel',
        description:
          'Cores in use by the kernel for each process. A high part of all: many small writes, or memory that is short.',
        unit: 'short',
        queries: [
          { expr: rate(series('process_cpu_system_seconds_total', chosen), window), legend: '{{job}} {{instance}}' },
        ],
      },
    ],
  ],
}

const used = or(series('nodejs_heap_size_used_bytes', chosen), series('bun_heap_size_used_bytes', chosen))
const taken = or(series('nodejs_heap_size_total_bytes', chosen), series('bun_heap_size_total_bytes', chosen))
const external = or(series('nodejs_external_memory_bytes', chosen), series('bun_external_memory_bytes', chosen))

export const memory: RowSpec = {
  title: 'Memory',
  lines: [
    [
      {
        title: 'Resident memory',
        description:
          'Memory of each process. A saw or a plateau is normal; a climb over hours is a leak, and ends with the kernel killing it.',
        unit: 'bytes',
        queries: [{ expr: series('process_resident_memory_bytes', chosen), legend: '{{job}} {{instance}}' }],
      },
      {
        title: 'Heap',
        description:
          'Heap in use and taken. In use, its low points tell of leaks: they stay level in a healthy process.',
        unit: 'bytes',
        queries: [
          { expr: used, legend: 'used {{instance}}' },
          { expr: taken, legend: 'taken {{instance}}' },
        ],
      },
      {
        title: 'Heap of its limit',
        description:
          'Part of the heap that Node allows itself. Above 80 % it collects all the time, at 100 % it aborts. Bun has no such limit.',
        unit: 'percentunit',
        queries: [
          {
            expr: div(series('nodejs_heap_size_used_bytes', chosen), series('nodejs_heap_size_limit_bytes', chosen)),
            legend: '{{job}} {{instance}}',
          },
        ],
        limits: { warning: 0.8, critical: 0.9 },
        max: 1,
      },
      {
        title: 'Outside of the heap',
        description:
          'Buffers and other memory that objects hold. It follows the bodies in flight; if it does not fall with them, something keeps buffers.',
        unit: 'bytes',
        queries: [{ expr: external, legend: '{{job}} {{instance}}' }],
      },
    ],
  ],
}

export const handles: RowSpec = {
  title: 'Handles',
  lines: [
    [
      {
        title: 'File descriptors of their limit',
        description:
          'Part of the open files and sockets that the process may have. Above 80 %: raise the limit, or find the leak; at 100 % it accepts no connection.',
        unit: 'percentunit',
        queries: [
          {
            expr: div(series('process_open_fds', chosen), series('process_max_fds', chosen)),
            legend: '{{job}} {{instance}}',
          },
        ],
        limits: { warning: 0.8, critical: 0.95 },
        max: 1,
      },
      {
        title: 'Active resources',
        description:
          'Timers, sockets and requests that keep the event loop alive, by type; of Node only. A type that only grows is leaked.',
        unit: 'short',
        queries: [{ expr: sum(series('nodejs_active_resources', chosen), { by: ['type'] }), legend: '{{type}}' }],
        stacked: true,
      },
    ],
  ],
}
