/** A rule's two cases: what makes it fire, and what comes near and does not. */

/** What Prometheus has scraped: values by series, in promtool's notation, a minute apart. */
export type Scraped = Readonly<Record<string, string>>

/** @see RuleCase */
export interface RuleCase {
  readonly alert: string
  readonly firing: {
    readonly series: Scraped
    /** When it is looked at; default: 15 minutes on. */
    readonly at?: string
    /** All labels that the alert then has but its name. */
    readonly labels: Readonly<Record<string, string>>
    /** What `{{ $value | humanize… }}` of its texts then is. */
    readonly value?: string
  }
  /** Each of them keeps it silent; the first is near. */
  readonly silent: readonly { readonly series: Scraped; readonly at?: string }[]
}

/** What the tests have to know of a rule. */
export interface AlertTexts {
  readonly name: string
  readonly runbook?: string
  readonly summary: string
  readonly description: string
}

const defaultAt = '15m'

/** Returns the test of one rule, for `promtool test rules`. */
export function ruleTests(
  rule: AlertTexts,
  { alert, firing, silent }: RuleCase,
  runbookUrl: string,
): readonly object[] {
  const one = (name: string, { series, at = defaultAt }: { series: Scraped; at?: string }, exp_alerts: object[]) =>
    scene(`${alert} ${name}`, series, at, [{ alertname: alert, exp_alerts }])
  return [
    one('fires', firing, [expectedAlert(rule, firing, runbookUrl)]),
    ...silent.map((quiet, index) => one(`is silent (${index + 1})`, quiet, [])),
  ]
}

/** Returns a test of what fires then. */
export function scene(
  name: string,
  series: Scraped,
  eval_time: string,
  alerts: readonly { readonly alertname: string; readonly exp_alerts: readonly object[] }[],
): object {
  const input_series = Object.entries(series).map(([of, values]) => ({ series: of, values }))
  return { name, interval: '1m', input_series, alert_rule_test: alerts.map((alert) => ({ eval_time, ...alert })) }
}

/** Returns an alert that fires, with the texts that it then has. */
export function expectedAlert(
  rule: AlertTexts,
  firing: Pick<RuleCase['firing'], 'labels' | 'value'>,
  runbookUrl: string,
): object {
  return {
    exp_labels: firing.labels,
    exp_annotations: {
      summary: rendered(rule.summary, firing),
      description: rendered(rule.description, firing),
      runbook_url: `${runbookUrl}#${(rule.runbook ?? rule.name).toLowerCase()}`,
    },
  }
}

/** A template with the values that are expected, by other means than Prometheus's. */
function rendered(template: string, { labels, value }: Pick<RuleCase['firing'], 'labels' | 'value'>): string {
  return template
    .replace(/\{\{ if le \$value 1\.0 \}\}(.*?)\{\{ else \}\}(.*?)\{\{ end \}\}/, value?.endsWith('%') ? '$1' : '$2')
    .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? `(no label ${label})`)
    .replace(/\{\{ \$value \| \w+ \}\}/g, value ?? '(no value)')
}
