import { runtimeCatalogue } from '../catalogues/index.ts'
import { or } from '../promql/operators.ts'
import { selectFrom } from '../promql/select.ts'
import { distribution, perSecond, quantile } from './expressions.ts'
import { chosen } from './series.ts'
import type { RowSpec } from './spec.ts'

const series = selectFrom(runtimeCatalogue)
const ofNode = series('nodejs_eventloop_delay_seconds_bucket', chosen)
const ofBun = series('bun_eventloop_delay_seconds_bucket', chosen)
const delay = (q: number) => or(quantile(q, ofNode, ['job', 'instance']), quantile(q, ofBun, ['job', 'instance']))

export const eventLoop: RowSpec = {
  title: 'Event loop',
  lines: [
    [
      {
        title: 'Delay, P99',
        description:
          'How late timers fire, at worst. Below 50 ms is normal; above, a handler computes too long, and all requests of the process wait for it.',
        unit: 's',
        queries: [{ expr: delay(0.99), legend: '{{job}} {{instance}}' }],
        limits: { warning: 0.1, critical: 0.5 },
      },
      {
        title: 'Utilisation',
        description:
          'Part of the time in which the loop of Node worked. Above 80 % requests begin to queue: add replicas, or find the handler.',
        unit: 'percentunit',
        queries: [{ expr: series('nodejs_eventloop_utilization_ratio', chosen), legend: '{{job}} {{instance}}' }],
        limits: { warning: 0.8, critical: 0.95 },
        max: 1,
      },
      {
        title: 'Delay of Node',
        kind: 'heatmap',
        description:
          'How late timers fire under Node. A dark band at the bottom is normal; spots far above are single long computations.',
        unit: 's',
        queries: distribution(ofNode),
      },
      {
        title: 'Delay of Bun',
        kind: 'heatmap',
        description:
          'How late timers fire under Bun. A dark band at the bottom is normal; spots far above are single long computations.',
        unit: 's',
        queries: distribution(ofBun),
      },
    ],
  ],
}

const pauses = series('nodejs_gc_duration_seconds_bucket', chosen)

export const garbage: RowSpec = {
  title: 'Garbage collection (Node tells, Bun does not)',
  lines: [
    [
      {
        title: 'Time in pauses',
        description:
          'Part of the time in which the collector held the process, by kind. Below 2 % is normal; above 10 % the heap is too small or fills too fast.',
        unit: 'percentunit',
        queries: [
          {
            expr: perSecond(series('nodejs_gc_duration_seconds_sum', chosen), ['instance', 'kind']),
            legend: '{{kind}} {{instance}}',
          },
        ],
        limits: { warning: 0.05, critical: 0.1 },
      },
      {
        title: 'Pauses, P99',
        description:
          'The longest pauses by kind. Minor ones take some milliseconds; major ones of more than 100 ms are seen in the P99 of requests.',
        unit: 's',
        queries: [{ expr: quantile(0.99, pauses, ['kind']), legend: '{{kind}}' }],
        limits: { warning: 0.1, critical: 0.5 },
      },
      {
        title: 'Collections',
        description:
          'Collections a second by kind. Minor ones follow the load; major ones several times a minute mean that memory is short.',
        unit: 'ops',
        queries: [
          { expr: perSecond(series('nodejs_gc_duration_seconds_count', chosen), ['kind']), legend: '{{kind}}' },
        ],
      },
    ],
  ],
}
