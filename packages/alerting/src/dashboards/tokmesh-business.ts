import { tokmeshCatalogue } from '../catalogues/index.ts'
import { sum } from '../promql/aggregate.ts'
import { add, div } from '../promql/operators.ts'
import { matching, selectFrom } from '../promql/select.ts'
import { distribution, perSecond, quantile, quantiles } from './expressions.ts'
import { chosen } from './series.ts'
import type { RowSpec } from './spec.ts'

const series = selectFrom(tokmeshCatalogue)

export const sessions: RowSpec = {
  title: 'Business: sessions and tokens',
  lines: [
    [
      {
        title: 'Active sessions',
        description:
          'Active sessions of the shards that each node owns. Even shares are normal; a node that falls to 0 has left the cluster.',
        unit: 'short',
        queries: [
          { expr: sum(series('tokmesh_sessions_active_total', chosen), { by: ['instance'] }), legend: '{{instance}}' },
        ],
        stacked: true,
      },
      {
        title: 'Validations by result',
        description:
          'Validations a second. Mostly valid is normal; a rise of invalid is an expired fleet of tokens or somebody who guesses; error is ours.',
        unit: 'ops',
        queries: [
          { expr: perSecond(series('tokmesh_token_validate_calls_total', chosen), ['result']), legend: '{{result}}' },
        ],
        stacked: true,
      },
      {
        title: 'Sessions created and refused',
        description:
          'Creates a second, those refused for quota, and changes that another writer undid. The last two are near 0; else a client loops.',
        unit: 'ops',
        queries: [
          { expr: perSecond(series('tokmesh_session_create_total', chosen)), legend: 'created' },
          { expr: perSecond(series('tokmesh_session_quota_exceeded_total', chosen)), legend: 'above the quota' },
          {
            expr: perSecond(series('tokmesh_session_version_conflicts_total', chosen), ['method']),
            legend: 'conflict at {{method}}',
          },
        ],
      },
    ],
  ],
}

const where = { ...chosen, path: matching('$path') }
const count = series('tokmesh_api_request_duration_seconds_count', where)
const failed = series('tokmesh_api_request_duration_seconds_count', { ...where, status: matching('5..') })
const buckets = series('tokmesh_api_request_duration_seconds_bucket', where)

export const requests: RowSpec = {
  title: 'Business: requests',
  lines: [
    [
      {
        title: 'Requests by path',
        description:
          'Requests a second. Validations are nearly all of them; a path that falls alone has lost its callers.',
        unit: 'reqps',
        queries: [{ expr: perSecond(count, ['method', 'path']), legend: '{{method}} {{path}}' }],
        stacked: true,
      },
      {
        title: 'Answers by status',
        description:
          'Requests a second by status. 401 and 403: keys; 409: conflicts and quota; 429: rate limits; 503: a node that drains or has lost its database.',
        unit: 'reqps',
        queries: [{ expr: perSecond(count, ['status']), legend: '{{status}}' }],
        stacked: true,
      },
      {
        title: 'Server errors by path',
        description:
          'Part of the requests of each path that were answered with 5xx; no line: none. All paths at once: look at the storage below.',
        unit: 'percentunit',
        queries: [
          {
            expr: div(perSecond(failed, ['method', 'path']), perSecond(count, ['method', 'path'])),
            legend: '{{method}} {{path}}',
          },
        ],
        limits: { warning: 0.001, critical: 0.01 },
      },
    ],
    [
      {
        title: 'Duration',
        description:
          'Until the last byte was sent. Validations from memory take a millisecond, writes some more. The points are requests with a trace: click on a high one.',
        unit: 's',
        queries: quantiles(buckets),
        limits: { warning: 0.1 },
        exemplars: true,
      },
      {
        title: 'P99 by path',
        description:
          'One request in a hundred takes longer. Above 100 ms for /tokens/validate: HighTokenValidateLatency.',
        unit: 's',
        queries: [{ expr: quantile(0.99, buckets, ['method', 'path']), legend: '{{method}} {{path}}' }],
        limits: { warning: 0.1 },
        exemplars: true,
      },
      {
        title: 'Distribution of durations',
        kind: 'heatmap',
        description:
          'Requests by duration. One band for memory and one for the database are normal; a third above them is a lock, a queue or Argon2id.',
        unit: 's',
        queries: distribution(buckets),
        exemplars: true,
      },
    ],
    [
      {
        title: 'Internal calls by result',
        description: 'Calls of the session service a second. "refused" is the caller, "error" is ours.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(series('tokmesh_service_requests_total', chosen), ['method', 'status']),
            legend: '{{method}} {{status}}',
          },
        ],
      },
      {
        title: 'Internal calls, P99',
        description:
          'Duration of the session service without HTTP and keys. Low while the requests are slow: the time goes into key checks or the network.',
        unit: 's',
        queries: [
          {
            expr: quantile(0.99, series('tokmesh_service_request_duration_seconds_bucket', chosen), ['method']),
            legend: '{{method}}',
          },
        ],
      },
      {
        title: 'Requests in flight',
        description:
          'Requests that have not ended. Some are normal; a climb means that the database or the processor is behind.',
        unit: 'short',
        queries: [
          {
            expr: sum(series('tokmesh_http_requests_in_flight', chosen), { by: ['instance'] }),
            legend: '{{instance}}',
          },
        ],
      },
    ],
  ],
}

const hits = perSecond(series('tokmesh_auth_cache_hits_total', chosen))
const misses = perSecond(series('tokmesh_auth_cache_misses_total', chosen))

export const security: RowSpec = {
  title: 'Business: keys',
  lines: [
    [
      {
        title: 'Refused keys by reason',
        description:
          'Failed key checks a second. invalid_key in numbers is somebody who guesses; expired and disabled a client that was forgotten; ip_blocked one that moved.',
        unit: 'ops',
        queries: [{ expr: perSecond(series('tokmesh_auth_failures_total', chosen), ['reason']), legend: '{{reason}}' }],
      },
      {
        title: 'Secrets found in the cache',
        description:
          'Part of the key checks that needed no Argon2id. Above 95 % is normal; low: many keys, or many wrong ones.',
        unit: 'percentunit',
        queries: [{ expr: div(hits, add(hits, misses)), legend: 'found' }],
        limits: { warning: 0.8, critical: 0.5, below: true },
        max: 1,
      },
      {
        title: 'Argon2id',
        description: 'Time of one verification. Tens of milliseconds are meant; much more: the processor is short.',
        unit: 's',
        queries: quantiles(series('tokmesh_auth_argon2_duration_seconds_bucket', chosen)),
        limits: { warning: 0.5, critical: 1 },
      },
    ],
  ],
}
