import type { databaseCatalogue } from '../catalogues/index.ts'
import { sum } from '../promql/aggregate.ts'
import { vector } from '../promql/functions.ts'
import { div, or } from '../promql/operators.ts'
import type { Matcher, Select } from '../promql/select.ts'
import { distribution, perSecond, quantile, quantiles } from './expressions.ts'
import type { PanelSpec, RowSpec } from './spec.ts'

type Series = Select<typeof databaseCatalogue>
interface Target {
  readonly job: Matcher
  readonly instance: Matcher
}

export function queries(series: Series, where: Target & { readonly table: Matcher }): RowSpec {
  const buckets = series('db_query_duration_seconds_bucket', where)
  const done = series('db_queries_total', where)
  return {
    title: 'Queries',
    lines: [
      [
        {
          title: 'Queries by operation',
          description: 'Queries a second. They follow the requests; if they rise alone, a loop asks once for each row.',
          unit: 'ops',
          queries: [{ expr: perSecond(done, ['operation']), legend: '{{operation}}' }],
          stacked: true,
        },
        {
          title: 'Queries by table',
          description:
            'Queries a second by the table that they are about. One that rises alone shows whose code has changed.',
          unit: 'ops',
          queries: [{ expr: perSecond(done, ['table']), legend: '{{table}}' }],
          stacked: true,
        },
        {
          title: 'Database time',
          description:
            'Seconds that queries take in each second: how many of them run at once. Near the size of the pool, callers wait.',
          unit: 'short',
          queries: [
            { expr: perSecond(series('db_query_duration_seconds_sum', where), ['table']), legend: '{{table}}' },
          ],
          stacked: true,
        },
      ],
      [
        {
          title: 'Query duration',
          description:
            'Time until the result was there, with the way over the network. Steady is normal. The points are queries with a trace.',
          unit: 's',
          queries: quantiles(buckets),
          limits: { warning: 0.5, critical: 1 },
          exemplars: true,
        },
        {
          title: 'P95 by table and operation',
          description:
            'One query in twenty takes longer. One line that leaves the others: a plan has changed, or an index is missing.',
          unit: 's',
          queries: [{ expr: quantile(0.95, buckets, ['operation', 'table']), legend: '{{operation}} {{table}}' }],
          limits: { warning: 0.5, critical: 1 },
        },
        {
          title: 'Distribution of durations',
          kind: 'heatmap',
          description:
            'Queries by duration. A second band far above the first: locks, or plans that read whole tables.',
          unit: 's',
          queries: distribution(buckets),
          exemplars: true,
        },
      ],
    ],
  }
}

export function queryErrors(series: Series, where: Target): RowSpec {
  const errors = series('db_query_errors_total', where)
  const ratio: PanelSpec = {
    title: 'Queries that fail',
    description: 'Part of the queries that failed. 0 is normal, but for conflicts that the code expects.',
    unit: 'percentunit',
    queries: [
      {
        expr: div(or(perSecond(errors), vector(0)), perSecond(series('db_queries_total', where))),
        legend: 'failed',
      },
    ],
    limits: { warning: 0.01, critical: 0.05 },
  }
  const classes: PanelSpec = {
    title: 'Errors by class',
    description:
      'Failures a second. constraint and serialization may be expected; connection, resources and server mean that the database is in trouble; syntax and authorization that a release or a migration is.',
    unit: 'ops',
    queries: [{ expr: perSecond(errors, ['code_class', 'operation']), legend: '{{code_class}} at {{operation}}' }],
  }
  return { title: 'Errors', lines: [[ratio, classes]] }
}

export function pool(series: Series, where: Target): RowSpec {
  const open = series('db_connections_open', where)
  const max = series('db_connections_max', where)
  const used: PanelSpec = {
    title: 'Connections of the maximum',
    description:
      'Part of the pool that is open. Above 90 % the next burst waits: find the slow query first, then widen the pool.',
    unit: 'percentunit',
    queries: [{ expr: div(open, max), legend: '{{job}} {{instance}}' }],
    limits: { warning: 0.9 },
    max: 1,
  }
  const connections: PanelSpec = {
    title: 'Connections',
    description: 'Connections that are open, and the most that there may be, of all instances.',
    unit: 'short',
    queries: [
      { expr: sum(open), legend: 'open' },
      { expr: sum(max), legend: 'maximum' },
    ],
  }
  const waiting: PanelSpec = {
    title: 'Callers that wait',
    description: 'Requests that wait for a connection. 0 is normal; more for some seconds and users notice.',
    unit: 'short',
    queries: [{ expr: series('db_connections_waiting', where), legend: '{{job}} {{instance}}' }],
    limits: { warning: 1, critical: 10 },
  }
  return { title: 'Pool', lines: [[used, connections, waiting]] }
}
