import type { RuleCase } from '../case.ts'
import { rising, type SloCase, targetCases } from './shared.ts'

/** Cases of `service()`: 6,000 requests a minute. */
export function serviceCases(name: string, prefix: string, latencySeconds: number): readonly RuleCase[] {
  const requests = (status: string) => `${prefix}http_requests_total{job="${name}",status_code="${status}"}`
  const bucket = (le: string) => `${prefix}http_request_duration_seconds_bucket{job="${name}",le="${le}"}`
  const labels = { severity: 'warning', component: name, app: name }
  const elsewhere = { 'http_requests_total{job="another",status_code="500"}': rising(6000) }
  const bounds = [latencySeconds / 2, latencySeconds, latencySeconds * 2].map((bound) => `${bound}`)
  const [low = '', middle = '', high = ''] = bounds
  return [
    ...targetCases(name, name, name),
    {
      alert: 'HighErrorRate',
      firing: { series: { [requests('200')]: rising(5400), [requests('503')]: rising(600) }, labels, value: '10%' },
      silent: [{ series: { [requests('200')]: rising(5760), [requests('503')]: rising(240), ...elsewhere } }],
    },
    {
      alert: 'HighRequestLatency',
      firing: {
        // Nine tenths within the limit, the rest within twice of it: P95 is half-way.
        series: { [bucket(middle)]: rising(900), [bucket(high)]: rising(1000), [bucket('+Inf')]: rising(1000) },
        labels,
        value: latencySeconds * 1.5 < 1 ? `${latencySeconds * 1500}ms` : `${latencySeconds * 1.5}s`,
      },
      silent: [
        {
          series: {
            [bucket(low)]: rising(500),
            [bucket(middle)]: rising(960),
            [bucket(high)]: rising(1000),
            [bucket('+Inf')]: rising(1000),
          },
        },
      ],
    },
  ]
}

/** The objectives of `service()`. */
export function serviceObjectives(name: string, title: string, prefix: string, le: string): readonly SloCase[] {
  const common = { component: name, app: name }
  return [
    {
      ...common,
      name: `${title}Availability`,
      budget: 0.001,
      series: (bad, until = 30) => ({
        [`${prefix}http_requests_total{job="${name}",status_code="200"}`]: rising(1e6 * (1 - bad), until, 200),
        [`${prefix}http_requests_total{job="${name}",status_code="500"}`]: rising(1e6 * bad, until, 200),
        [`${prefix}http_requests_total{job="${name}",status_code="204"}`]: `_x${until} ${rising(1e6, 200)}`,
      }),
    },
    {
      ...common,
      name: `${title}Latency`,
      budget: 0.01,
      series: (bad, until = 30) => ({
        [`${prefix}http_request_duration_seconds_bucket{job="${name}",le="${le}"}`]: slowUntil(1 - bad, until),
        [`${prefix}http_request_duration_seconds_count{job="${name}"}`]: slowUntil(1, until),
      }),
    },
  ]
}

/** A bucket with this part of a million events a minute, until a minute, and with all of them after. */
export const slowUntil = (part: number, until: number): string => `${rising(1e6 * part, until)} ${after(part, until)}`

const after = (part: number, until: number): string => `${1e6 * part * until + 1e6}+1000000x200`
