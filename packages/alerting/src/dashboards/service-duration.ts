import { sum } from '../promql/aggregate.ts'
import type { Expression } from '../promql/expression.ts'
import { histogramQuantile, increase, rate } from '../promql/functions.ts'
import { matching } from '../promql/select.ts'
import { chosen } from './series.ts'
import { durationQuantile } from './service-rate.ts'
import type { HttpSeriesSet } from './service-series.ts'
import type { PanelSpec, RowSpec } from './spec.ts'

const window = '$__rate_interval'

/** How long it took. */
export function duration(http: HttpSeriesSet): RowSpec {
  const { method, route } = http.labels
  const where = { ...chosen, [route]: matching(`$${route}`) }
  return {
    title: 'Duration',
    lines: [
      [
        {
          title: 'Duration',
          description:
            'Until the last byte was sent. The points are requests with a trace: click on a high one. Lines that part from each other mean that some requests wait.',
          unit: 's',
          queries: [0.5, 0.95, 0.99].map((quantile) => ({
            expr: durationQuantile(http, quantile),
            legend: `P${quantile * 100}`,
          })),
          limits: { warning: 0.5, critical: 1 },
          exemplars: true,
        },
        {
          title: 'P95 by route',
          description:
            'One request in twenty of the route takes longer. Steady for each route is normal, however high it is.',
          unit: 's',
          queries: [{ expr: durationQuantile(http, 0.95, [method, route]), legend: `{{${method}}} {{${route}}}` }],
          limits: { warning: 0.5, critical: 1 },
          exemplars: true,
        },
        {
          title: 'Distribution of durations',
          kind: 'heatmap',
          description:
            'Requests by duration. One band is normal; a second band above it is a second way through the code: a cache that misses, a retry, a lock.',
          unit: 's',
          queries: [{ expr: sum(increase(http.durationBuckets(where), window), { by: ['le'] }), legend: '{{le}}' }],
          exemplars: true,
        },
      ],
    ],
  }
}

/** How much of it at once; only what the service has. */
export function load(http: HttpSeriesSet): RowSpec {
  const panels: PanelSpec[] = []
  const inFlight = http.inFlight(chosen)
  if (inFlight) {
    panels.push({
      title: 'Requests in flight',
      description:
        'Requests that have not ended. About rate times duration is normal; a steady climb is a leak or something downstream that hangs.',
      unit: 'short',
      queries: [{ expr: sum(inFlight, { by: ['instance'] }), legend: '{{instance}}' }],
    })
  }
  const { route } = http.labels
  const where = { ...chosen, [route]: matching(`$${route}`) }
  const sent = http.responseBytes(where)
  if (sent) {
    panels.push({
      title: 'Bytes sent by route',
      description: 'Bytes of response bodies a second. It follows the rate; if it rises alone, answers have grown.',
      unit: 'Bps',
      queries: [{ expr: sum(rate(sent, window), { by: [route] }), legend: `{{${route}}}` }],
      stacked: true,
    })
  }
  const received = http.requestBuckets(where)
  if (received) {
    const buckets = sum(rate(received, window), { by: ['le', route] }) as Expression<'le'>
    panels.push({
      title: 'P95 of request bodies',
      description:
        'One request body in twenty is larger. Steps are new clients; what grows without end will meet the limit of bodies.',
      unit: 'bytes',
      queries: [{ expr: histogramQuantile(0.95, buckets) as Expression, legend: `{{${route}}}` }],
    })
  }
  return { title: 'Load', lines: panels.length > 0 ? [panels] : [] }
}
