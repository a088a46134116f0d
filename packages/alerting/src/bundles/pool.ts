import type { Selector } from '../promql/expression.ts'
import { and, gt, times } from '../promql/operators.ts'
import type { AlertRule } from '../rules/rule.ts'

/** The gauges of `@honoscope/db-drizzle-instrumentation`, under the names that a service gives them. */
export interface PoolGauges<L extends string> {
  readonly open: Selector<L>
  readonly max: Selector<L>
  readonly waiting: Selector<L>
}

/** Whose pool it is. */
export interface PoolOwner {
  /** For people. */
  readonly title: string
  /** The label `app`. */
  readonly app: string
  readonly component: string
}

/** Returns the catalogue's alert for a service whose database is watched by this suite. */
export function poolExhaustion<L extends string>(gauges: PoolGauges<L>, owner: PoolOwner): AlertRule {
  const { open, max, waiting } = gauges
  const { title, app, component } = owner
  return {
    kind: 'alert',
    name: 'DatabaseConnectionPoolExhaustion',
    // A pool keeps connections open that nobody uses: only with somebody waiting are the open ones in use.
    expr: and(gt(open, times(0.9, max)), gt(waiting, 0)),
    for: '1m',
    severity: 'warning',
    component,
    summary: `${title}: {{ $labels.instance }} runs out of database connections`,
    description:
      '{{ $value | humanize }} connections are open, more than 90 % of what the pool may open, and requests wait ' +
      'for one.',
    labels: { app },
  }
}
