import { postgresCatalogue } from '../catalogues/index.ts'
import { max, min, sum } from '../promql/aggregate.ts'
import { div } from '../promql/operators.ts'
import { matching, selectFrom } from '../promql/select.ts'
import { perSecond } from './expressions.ts'
import type { RowSpec } from './spec.ts'

const series = selectFrom(postgresCatalogue)
// The exporter is a job of its own: the variables of the service say nothing about it.
const where = { datname: matching('$datname') }

/** The server itself; empty where no postgres_exporter runs. */
export const server: RowSpec = {
  title: 'PostgreSQL (postgres_exporter)',
  lines: [
    [
      {
        title: 'Up',
        kind: 'stat',
        description: 'Whether the exporter can log in. No: the server is down, or the exporter has lost its password.',
        unit: 'bool_yes_no',
        queries: [{ expr: min(series('pg_up')), legend: 'up' }],
        limits: { critical: 1, below: true },
      },
      {
        title: "Connections of the server's maximum",
        kind: 'stat',
        description:
          'Part of max_connections in use, by all clients. Above 80 %: somebody leaks connections, or there are too many pools.',
        unit: 'percentunit',
        queries: [
          {
            expr: div(sum(series('pg_stat_activity_count')), max(series('pg_settings_max_connections'))),
            legend: 'connections',
          },
        ],
        limits: { warning: 0.8, critical: 0.9 },
      },
      {
        title: 'Longest transaction',
        kind: 'stat',
        description:
          'How long the oldest open transaction has lasted. Minutes: it holds locks and keeps vacuum from its work.',
        unit: 's',
        queries: [{ expr: max(series('pg_stat_activity_max_tx_duration', where)), legend: 'longest' }],
        limits: { warning: 60, critical: 300 },
      },
      {
        title: 'Replica lag',
        kind: 'stat',
        description:
          'How far the replicas are behind. Below 1 s is normal; a replica that is far behind answers with old data.',
        unit: 's',
        queries: [{ expr: max(series('pg_replication_lag_seconds')), legend: 'lag' }],
        limits: { warning: 1, critical: 30 },
      },
    ],
    [
      {
        title: 'Connections by state',
        description:
          'Connections of each state. "idle in transaction" that stays is code that waits for something else within a transaction.',
        unit: 'short',
        queries: [{ expr: sum(series('pg_stat_activity_count', where), { by: ['state'] }), legend: '{{state}}' }],
        stacked: true,
      },
      {
        title: 'Deadlocks',
        description: 'Deadlocks a second. 0 is normal; each is a transaction that was rolled back.',
        unit: 'ops',
        queries: [{ expr: perSecond(series('pg_stat_database_deadlocks', where), ['datname']), legend: '{{datname}}' }],
        limits: { critical: 0.01 },
      },
      {
        title: 'Size',
        description: 'Disk space of each database. Its slope tells when the disk will be full.',
        unit: 'bytes',
        queries: [{ expr: max(series('pg_database_size_bytes', where), { by: ['datname'] }), legend: '{{datname}}' }],
      },
    ],
  ],
}
