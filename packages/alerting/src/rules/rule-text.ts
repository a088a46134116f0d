import type { RuleSet } from './define-rules.ts'
import type { AlertRule, Rule, RuleGroup } from './rule.ts'

/** What the writers of rules have in common. */
export interface RuleTextOptions {
  /**
   * Address of the runbook, an absolute URL. An alert's `runbook_url` is this with `#` and the name of its entry in
   * lower case, as GitHub links a heading. Default: alerts have no `runbook_url`.
   */
  readonly runbookUrl?: string
}

/** A group as Prometheus's rule files and Prometheus Operator write it. */
export interface RuleFileGroup {
  readonly name: string
  readonly interval?: string
  readonly rules: readonly RuleFileRule[]
}

/** A rule as Prometheus's rule files and Prometheus Operator write it. */
export interface RuleFileRule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly for?: string
  readonly keep_firing_for?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** Returns the groups of the set, as they are written. Throws a `TypeError` for a `runbookUrl` that is none. */
export function ruleFileGroups({ groups }: RuleSet, { runbookUrl }: RuleTextOptions): readonly RuleFileGroup[] {
  checkRunbookUrl(runbookUrl)
  return groups.map(({ name, interval, rules }: RuleGroup) => ({
    name,
    ...(interval && { interval }),
    rules: rules.map((rule: Rule) => (rule.kind === 'alert' ? alertText(rule, runbookUrl) : recordText(rule))),
  }))
}

function alertText(rule: AlertRule, runbookUrl: string | undefined): RuleFileRule {
  return {
    alert: rule.name,
    expr: rule.expr.text,
    ...(rule.for && { for: rule.for }),
    // Known to Prometheus from 2.42 on.
    ...(rule.keepFiringFor && { keep_firing_for: rule.keepFiringFor }),
    labels: { severity: rule.severity, component: rule.component, ...rule.labels },
    annotations: {
      summary: rule.summary,
      description: rule.description,
      ...(runbookUrl && { runbook_url: `${runbookUrl}#${runbookEntry(rule).toLowerCase()}` }),
    },
  }
}

/** Returns the heading under which the runbook tells of the alert. */
export const runbookEntry = (rule: AlertRule): string => rule.runbook ?? rule.name

const recordText = ({ name, expr, labels }: Rule): RuleFileRule => ({
  record: name,
  expr: expr.text,
  ...(labels && { labels }),
})

function checkRunbookUrl(url: string | undefined): void {
  if (url === undefined) return
  const { protocol, hash } = URL.canParse(url) ? new URL(url) : { protocol: '', hash: '' }
  if (!/^https?:$/.test(protocol) || hash !== '') {
    throw new TypeError(`runbookUrl: ${JSON.stringify(url)} is not an absolute URL of http or https without a fragment`)
  }
}
