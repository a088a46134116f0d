import { tokmeshCatalogue } from '../catalogues/index.ts'
import { max, sum } from '../promql/aggregate.ts'
import { increase, rate, vector } from '../promql/functions.ts'
import { div, or } from '../promql/operators.ts'
import { matching, notMatching, selectFrom } from '../promql/select.ts'
import { quantile } from './expressions.ts'
import { chosen } from './series.ts'
import type { RowSpec } from './spec.ts'

const series = selectFrom(tokmeshCatalogue)
const answered = 'tokmesh_api_request_duration_seconds_count'
// What the objectives count: neither probes, of which there may be more than calls, nor scrapes.
const asked = { ...chosen, path: notMatching('/health.*|/ready|/metrics|unmatched') }
const all = sum(rate(series(answered, asked), '5m'))
const validates = series('tokmesh_api_request_duration_seconds_bucket', { ...chosen, path: '/tokens/validate' })
// What the alert HighAuthFailureRate counts, over the same five minutes.
const authenticated = series(answered, { ...chosen, path: notMatching('/health.*|/ready|unmatched') })
const failures = series('tokmesh_auth_failures_total', chosen)
const revokes = series('tokmesh_session_revoke_propagation_lag_seconds_bucket', chosen)

/** One number for each thing that pages, red where its alert fires. */
export const summary: RowSpec = {
  title: 'Now',
  lines: [
    [
      {
        title: 'Sessions',
        kind: 'stat',
        description:
          'Sessions of all nodes. It moves with the hour of the day; a cliff is a mass revoke, or a node whose shards nobody owns.',
        unit: 'short',
        queries: [{ expr: sum(series('tokmesh_sessions_active_total', chosen)), legend: 'sessions' }],
      },
      {
        title: 'Server errors',
        kind: 'stat',
        description:
          'Part of the calls of the last five minutes, without probes and scrapes, that were answered with 5xx. Below 0.1 % is normal.',
        unit: 'percentunit',
        queries: [
          {
            expr: div(or(sum(rate(series(answered, { ...asked, status: matching('5..') }), '5m')), vector(0)), all),
            legend: '5xx',
          },
        ],
        limits: { warning: 0.001, critical: 0.01 },
      },
      {
        title: 'Validate, P99',
        kind: 'stat',
        description:
          'One validation in a hundred takes longer. Some milliseconds are normal; above 100 ms HighTokenValidateLatency fires.',
        unit: 's',
        queries: [{ expr: quantile(0.99, validates, [], '5m'), legend: 'P99' }],
        limits: { warning: 0.1, critical: 0.5 },
      },
      {
        title: 'Refused keys',
        kind: 'stat',
        description:
          'Failed key checks for each request. Below 1 % is normal; above 5 % HighAuthFailureRate pages: a rotated key, or somebody who guesses.',
        unit: 'percentunit',
        queries: [{ expr: div(sum(rate(failures, '5m')), sum(rate(authenticated, '5m'))), legend: 'refused' }],
        limits: { warning: 0.01, critical: 0.05 },
      },
      {
        title: 'Quorum lost',
        kind: 'stat',
        description:
          'Whether a node believes that it has lost the majority. No is normal; yes: ClusterSplitBrain pages, and revokes that wait for a majority fail.',
        unit: 'bool_yes_no',
        queries: [{ expr: max(series('tokmesh_cluster_quorum_lost', chosen)), legend: 'lost' }],
        limits: { critical: 1 },
      },
      {
        title: 'Nodes',
        kind: 'stat',
        description:
          'Active nodes, as the node sees it that sees the most. It is an odd number, and that of the replicas.',
        unit: 'short',
        queries: [
          { expr: max(series('tokmesh_cluster_nodes_total', { ...chosen, status: 'active' })), legend: 'active' },
        ],
      },
      {
        title: 'Revoke lag, P99',
        kind: 'stat',
        description:
          'How long a revoked session can still be used somewhere. Below 1 s is normal; above 2 s it warns, above 5 s it pages.',
        unit: 's',
        queries: [{ expr: quantile(0.99, revokes, [], '5m'), legend: 'P99' }],
        limits: { warning: 2, critical: 5 },
      },
      {
        title: 'Commits refused in 5 min',
        kind: 'stat',
        description:
          'Commits of the last five minutes that the storage refused. 0 is normal; any more: WALWriteFailure pages: disk full, or broken.',
        unit: 'short',
        queries: [{ expr: sum(increase(series('tokmesh_wal_fsync_failed_total', chosen), '5m')), legend: 'refused' }],
        limits: { critical: 0.001 },
      },
    ],
  ],
}
