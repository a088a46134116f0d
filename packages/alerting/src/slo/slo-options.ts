import type { Duration } from '../promql/expression.ts'
import { seconds } from './burn-rate.ts'
import type { Sli } from './sli.ts'

/** What an objective is. */
export interface SloOptions<L extends string, By extends L> {
  /** In CamelCase: the alerts' names begin with it, and it is the label `slo` of what is recorded. */
  readonly name: string
  /** Part of the events that has to be good: above 0 and below 1, so 0.999 and not 99.9. */
  readonly objective: number
  /** Over which time: at least 7 days, in whole days or weeks, such as `30d` or `4w`. Default: `30d`. */
  readonly window?: Duration
  /** What is counted: `availability()` or `latency()`. */
  readonly sli: Sli<L>
  /** What it is about; alerts are routed by it. */
  readonly component: string
  /** Labels of which each value has an error budget of its own. Default: all events have one together. */
  readonly by?: readonly By[]
  /** How often the rules are evaluated, at most every 2 minutes. Default: Prometheus's own `evaluation_interval`. */
  readonly interval?: Duration
  /** Name of the entry in the runbook. Default: the alert's name. */
  readonly runbook?: string
  /** More labels of the alerts. Default: none. */
  readonly labels?: Readonly<Record<string, string>>
}

/** @throws TypeError that names the option. */
export function checkSlo<L extends string>({ name, objective, window, sli, by, interval }: SloOptions<L, L>): void {
  const fail = (reason: string): never => {
    throw new TypeError(`defineSlo: ${reason}`)
  }
  if (!/^[A-Z][a-zA-Z0-9]*$/.test(name)) fail(`name ${JSON.stringify(name)} is not in CamelCase, of letters and digits`)
  if (!(objective > 0 && objective < 1)) fail(`objective ${objective} is not between 0 and 1; 99.9 % is 0.999`)
  if (window !== undefined && !(/^\d+[dw]$/.test(window) && seconds(window) >= seconds('7d'))) {
    fail(`window ${JSON.stringify(window)} is not at least 7 days, in whole days or weeks`)
  }
  if (interval !== undefined && !(seconds(interval) > 0 && seconds(interval) <= 120)) {
    fail(`interval ${JSON.stringify(interval)} is not at most 2 minutes`)
  }
  for (const label of by ?? []) {
    if (!sli.labels.includes(label)) fail(`by names the label ${label}, which the events don't have`)
  }
}
