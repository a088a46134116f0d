import type { Finding } from './finding.ts'

interface Exception {
  readonly metric: RegExp
  readonly rule: Finding['rule']
  readonly reason: string
}

const contract = "the name is fixed by TokMesh's contract, section 8.2"

/** Names that are older than this suite: dashboards of others know them. */
const exceptions: readonly Exception[] = [
  { metric: /^tokmesh_(sessions_active|cluster_nodes)_total$/, rule: 'reserved-suffix', reason: contract },
  { metric: /^tokmesh_shard_keys_count$/, rule: 'reserved-suffix', reason: contract },
  {
    metric: /^tokmesh_shard_keys_count$/,
    rule: 'label-secret',
    reason: 'node_id is the one of the process itself: one value for each target',
  },
  {
    metric: /^iac_\w+_ms$/,
    rule: 'base-unit',
    reason: 'the AI metrics that existed before the catalogue keep their unit',
  },
]

/** Returns the finding with the reason why it is none, if it is a known one. */
export function withException(finding: Finding): Finding {
  const known = exceptions.find(({ metric, rule }) => rule === finding.rule && metric.test(finding.metric))
  return known ? { ...finding, exception: known.reason } : finding
}
