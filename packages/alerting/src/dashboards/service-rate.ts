import { count, sum } from '../promql/aggregate.ts'
import type { Expression, Selector } from '../promql/expression.ts'
import { histogramQuantile, rate, vector } from '../promql/functions.ts'
import { div, or } from '../promql/operators.ts'
import { type Matcher, matching } from '../promql/select.ts'
import { chosen } from './series.ts'
import type { HttpSeriesSet } from './service-series.ts'
import type { RowSpec } from './spec.ts'

const window = '$__rate_interval'

/** Requests of the chosen routes; `status` is a pattern. */
export function requestRate({ labels, requests }: HttpSeriesSet, status?: string): Expression {
  const where: Record<string, Matcher> = { ...chosen, [labels.route]: matching(`$${labels.route}`) }
  return rate(requests(status === undefined ? where : { ...where, [labels.status]: matching(status) }), window)
}

/** Quantile of the duration of the chosen routes, by what is told. */
export function durationQuantile(http: HttpSeriesSet, quantile: number, by: readonly string[] = []): Expression {
  const where = { ...chosen, [http.labels.route]: matching(`$${http.labels.route}`) }
  const buckets = sum(rate(http.durationBuckets(where), window), { by: ['le', ...by] })
  return histogramQuantile(quantile, buckets as Expression<'le'>) as Expression
}

/** The numbers to look at first. */
export function overview(http: HttpSeriesSet, up: Selector): RowSpec {
  const all = requestRate(http)
  return {
    title: 'Now',
    lines: [
      [
        {
          title: 'Targets up',
          kind: 'stat',
          description:
            'Part of the instances that Prometheus can scrape. 100 % is normal; less: an instance is gone or its key was refused.',
          unit: 'percentunit',
          queries: [{ expr: div(sum(up), count(up)), legend: 'up' }],
          limits: { warning: 1, critical: 0.5, below: true },
        },
        {
          title: 'Requests',
          kind: 'stat',
          description:
            'Requests a second. Compare with the same hour of yesterday; a fall to nothing is an outage in front of the service.',
          unit: 'reqps',
          queries: [{ expr: sum(all), legend: 'requests' }],
        },
        {
          title: 'Errors',
          kind: 'stat',
          description:
            'Part of the requests that were answered with 5xx. Below 0.1 % is normal; 1 % burns the error budget of a month in three days.',
          unit: 'percentunit',
          queries: [{ expr: errorRatio(http), legend: 'errors' }],
          limits: { warning: 0.001, critical: 0.01 },
        },
        {
          title: 'P95',
          kind: 'stat',
          description:
            'One request in twenty takes longer. Steady is normal; look at the row "Duration" for the route.',
          unit: 's',
          queries: [{ expr: durationQuantile(http, 0.95), legend: 'P95' }],
          limits: { warning: 0.5, critical: 1 },
        },
        {
          title: 'P99',
          kind: 'stat',
          description:
            'One request in a hundred takes longer. Far above P95: a queue, a lock or a pause of the garbage collector.',
          unit: 's',
          queries: [{ expr: durationQuantile(http, 0.99), legend: 'P99' }],
          limits: { warning: 1, critical: 2.5 },
        },
        {
          title: 'Requests in 4xx',
          kind: 'stat',
          description:
            'Part of the requests that the service refused. A jump is a broken client, a wrong key, or somebody who tries doors.',
          unit: 'percentunit',
          queries: [{ expr: div(sum(requestRate(http, '4..')), sum(all)), legend: '4xx' }],
          limits: { warning: 0.25, critical: 0.5 },
        },
      ],
    ],
  }
}

/** 5xx, 0 where there were none, of all. */
const errorRatio = (http: HttpSeriesSet): Expression =>
  div(or(sum(requestRate(http, '5..')), vector(0)), sum(requestRate(http)))

/** What was asked, and what went wrong. */
export function rateAndErrors(http: HttpSeriesSet): RowSpec {
  const { method, route, status } = http.labels
  const by = [method, route]
  return {
    title: 'Rate and errors',
    lines: [
      [
        {
          title: 'Requests by route',
          description:
            'Requests a second that ended. Routes keep their proportions over a day; one that falls alone has lost its callers.',
          unit: 'reqps',
          queries: [{ expr: sum(requestRate(http), { by }), legend: `{{${method}}} {{${route}}}` }],
          stacked: true,
        },
        {
          title: 'Answers by status',
          description: 'Requests a second by status. 2xx and 3xx are to be nearly all; 5xx at all is worth a look.',
          unit: 'reqps',
          queries: [{ expr: sum(requestRate(http), { by: [status] }), legend: `{{${status}}}` }],
          stacked: true,
        },
        {
          title: 'Errors by route',
          description:
            'Part of the requests of each route that were answered with 5xx; no line: none. One route alone: its code or what it calls. All at once: the process, the database or the network.',
          unit: 'percentunit',
          queries: [
            {
              expr: div(sum(requestRate(http, '5..'), { by }), sum(requestRate(http), { by })),
              legend: `{{${method}}} {{${route}}}`,
            },
          ],
          limits: { warning: 0.001, critical: 0.01 },
        },
      ],
    ],
  }
}
