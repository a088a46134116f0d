import { nodeCatalogue, tokmeshCatalogue } from '../catalogues/index.ts'
import { max, sum } from '../promql/aggregate.ts'
import { rate } from '../promql/functions.ts'
import { div } from '../promql/operators.ts'
import { selectFrom } from '../promql/select.ts'
import { perSecond, quantile } from './expressions.ts'
import { chosen } from './series.ts'
import type { RowSpec } from './spec.ts'

const series = selectFrom(tokmeshCatalogue)
const node = selectFrom(nodeCatalogue)
const data = { mountpoint: '/data' }

export const storage: RowSpec = {
  title: 'Storage: the log and the disk',
  lines: [
    [
      {
        title: 'Write-ahead log',
        description:
          'Bytes a second that the database writes to its log. Every node reads the same number, so it is not summed up. It follows the writes.',
        unit: 'Bps',
        queries: [
          { expr: max(rate(series('tokmesh_wal_write_bytes_total', chosen), '$__rate_interval')), legend: 'written' },
        ],
      },
      {
        title: 'Commits refused',
        description:
          'Commits a second that failed for the storage. 0 is normal; any: WALWriteFailure pages. Look at the disk at the right.',
        unit: 'ops',
        queries: [
          { expr: perSecond(series('tokmesh_wal_fsync_failed_total', chosen), ['instance']), legend: '{{instance}}' },
        ],
        limits: { critical: 0.001 },
      },
      {
        title: 'Free space of /data',
        description:
          'Part of the disk that is free, by node_exporter. Below 10 % DiskSpaceLow pages: PostgreSQL stops when it is full.',
        unit: 'percentunit',
        queries: [
          {
            expr: div(node('node_filesystem_avail_bytes', data), node('node_filesystem_size_bytes', data)),
            legend: '{{instance}} {{device}}',
          },
        ],
        limits: { warning: 0.2, critical: 0.1, below: true },
        max: 1,
      },
      {
        title: 'Replication lag',
        description:
          'How far each standby is behind; without one there is nothing. Below 1 s is normal; above, ReplicationLag warns: a failover now would lose that much.',
        unit: 's',
        queries: [
          {
            expr: max(series('tokmesh_replication_lag_seconds', chosen), { by: ['from_node', 'to_node'] }),
            legend: '{{from_node}} to {{to_node}}',
          },
        ],
        limits: { warning: 1, critical: 10 },
      },
    ],
  ],
}

const buckets = series('tokmesh_db_query_duration_seconds_bucket', chosen)
const open = series('tokmesh_db_connections_open', chosen)

export const queries: RowSpec = {
  title: 'Storage: queries',
  lines: [
    [
      {
        title: 'Queries by table',
        description:
          'Queries a second. Validations from memory ask nothing; a rise without writes means that nodes have lost what they remembered.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(series('tokmesh_db_queries_total', chosen), ['operation', 'table']),
            legend: '{{operation}} {{table}}',
          },
        ],
        stacked: true,
      },
      {
        title: 'P95 by table and operation',
        description:
          'One query in twenty takes longer. Some milliseconds are normal; all at once: the disk or the network; one alone: its plan or a lock.',
        unit: 's',
        queries: [{ expr: quantile(0.95, buckets, ['operation', 'table']), legend: '{{operation}} {{table}}' }],
        limits: { warning: 0.1, critical: 0.5 },
        exemplars: true,
      },
      {
        title: 'Errors by class',
        description: 'Failures a second. connection, resources and server: the database is in trouble; no line: none.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(series('tokmesh_db_query_errors_total', chosen), ['code_class']),
            legend: '{{code_class}}',
          },
        ],
      },
      {
        title: 'Connections of the maximum',
        description:
          'Part of the pool that is open. Above 90 %, with callers that wait, DatabaseConnectionPoolExhaustion warns: a slow query, or a transaction that stays open.',
        unit: 'percentunit',
        queries: [
          {
            expr: div(
              sum(open, { by: ['instance'] }),
              sum(series('tokmesh_db_connections_max', chosen), { by: ['instance'] }),
            ),
            legend: '{{instance}}',
          },
        ],
        limits: { warning: 0.9 },
        max: 1,
      },
    ],
  ],
}
