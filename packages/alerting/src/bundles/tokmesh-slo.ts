import { tokmeshCatalogue } from '../catalogues/generated/tokmesh.ts'
import { matching, notMatching } from '../promql/select.ts'
import type { RuleTools } from '../rules/define-rules.ts'
import type { RuleGroup } from '../rules/rule.ts'
import { defineSlo } from '../slo/define-slo.ts'
import { latency } from '../slo/latency.ts'
import { availability } from '../slo/sli.ts'
import type { TokMeshCatalogue } from './tokmesh.ts'

/** What callers ask for: no probes, no scrapes, and no paths that there are not. */
const path = notMatching('/health.*|/ready|/metrics|unmatched')

/**
 * Returns the objectives of TokMesh's API. 99.9 % of the answers are no server error, by the contract's section 10.2;
 * 99 % take no longer than 100 ms, which is where its section 8.3 has a warning: its 10 ms are a target for a quiet
 * network, and a page at night wants users who notice.
 */
export function tokmeshObjectives({ metric }: RuleTools<TokMeshCatalogue>): readonly RuleGroup[] {
  const all = metric('tokmesh_api_request_duration_seconds_count', { path })
  const bad = metric('tokmesh_api_request_duration_seconds_count', { path, status: matching('5..') })
  return [
    defineSlo({
      name: 'TokMeshAvailability',
      objective: 0.999,
      component: 'tokmesh',
      runbook: 'TokMeshAvailability',
      sli: availability({ bad, total: all, badEvents: 'were answered with a server error' }),
    }).group,
    defineSlo({
      name: 'TokMeshLatency',
      objective: 0.99,
      component: 'tokmesh',
      runbook: 'TokMeshLatency',
      sli: latency(tokmeshCatalogue, {
        histogram: 'tokmesh_api_request_duration_seconds',
        threshold: 0.1,
        where: { path },
      }),
    }).group,
  ]
}
