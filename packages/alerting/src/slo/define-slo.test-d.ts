import { expectTypeOf, it } from 'vitest'
import { httpCatalogue, tokmeshCatalogue } from '../catalogues/index.ts'
import type { Selector } from '../promql/expression.ts'
import { matching, selectFrom } from '../promql/select.ts'
import { defineSlo } from './define-slo.ts'
import { latency } from './latency.ts'
import { availability } from './sli.ts'

const metric = selectFrom(httpCatalogue)

it('knows histograms, their bounds and their labels', () => {
  const histogram = 'tokmesh_api_request_duration_seconds'
  latency(tokmeshCatalogue, { histogram, threshold: 0.1, where: { path: matching('/sessions.*'), job: 'a' } })
  // @ts-expect-error no bound
  latency(tokmeshCatalogue, { histogram, threshold: 0.2 })
  // @ts-expect-error no such label
  latency(tokmeshCatalogue, { histogram, threshold: 0.1, where: { user: 'x' } })
  // @ts-expect-error a counter has no bounds
  latency(tokmeshCatalogue, { histogram: 'tokmesh_auth_failures_total', threshold: 0.1 })
})

it('groups by labels that all events have, and hands out series with them', () => {
  const sli = availability({
    bad: metric('http_requests_total', { status_code: '500' }),
    total: metric('http_request_duration_seconds_count'),
  })
  const slo = defineSlo({ name: 'Shop', objective: 0.999, component: 'shop', by: ['job', 'route'], sli })
  expectTypeOf(slo.budgetRemaining).toEqualTypeOf<Selector<'job' | 'route' | 'slo'>>()
  // @ts-expect-error only the bad events have it
  defineSlo({ name: 'Shop', objective: 0.999, component: 'shop', by: ['status_code'], sli })
})
