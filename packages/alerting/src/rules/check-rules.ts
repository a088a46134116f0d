import type { MetricCatalogue } from '../catalogue/description.ts'
import { checkExpression } from '../promql/check.ts'
import { type Duration, durationText } from '../promql/expression.ts'
import type { AlertRule, RecordingRule, Rule, RuleGroup } from './rule.ts'

const alertName = /^[A-Z][a-zA-Z0-9]*$/
const recordName = /^[a-zA-Z_][a-zA-Z0-9_]*:[a-zA-Z0-9_:]+$/

/** @throws TypeError that names the rule and what is wrong with it. */
export function checkRules(catalogue: MetricCatalogue, groups: readonly RuleGroup[]): void {
  checkUnique(
    'group',
    groups.map(({ name }) => name),
  )
  const rules = groups.flatMap((group) => group.rules)
  checkUnique(
    'rule',
    rules.map((rule) => `${rule.name} ${JSON.stringify(rule.labels ?? {})} ${'severity' in rule ? rule.severity : ''}`),
  )
  for (const { name, interval } of groups) {
    if (interval !== undefined) {
      checkDuration(interval, (reason) => {
        throw new TypeError(`group ${name}: ${reason}`)
      })
    }
  }
  const recorded = labelsOfRecorded(rules)
  for (const rule of rules) {
    const fail = (reason: string): never => {
      throw new TypeError(`rule ${rule.name}: ${reason}`)
    }
    for (const fault of checkExpression(rule.expr.text, { catalogue, recorded })) fail(fault)
    if (/\$__/.test(rule.expr.text)) fail(`Prometheus knows no variables of Grafana: ${rule.expr.text}`)
    checkLabels(rule, fail)
    if (rule.kind === 'alert') checkAlert(rule, fail)
    else checkRecording(rule, fail)
  }
}

/** Labels of the series that the rules record, by name: several may record under one name, with labels of their own. */
function labelsOfRecorded(rules: readonly Rule[]): ReadonlyMap<string, readonly string[]> {
  const recorded = new Map<string, string[]>()
  for (const rule of rules) {
    if (rule.kind !== 'record') continue
    const labels = [...rule.expr.labels, ...Object.keys(rule.labels ?? {})]
    recorded.set(rule.name, [...(recorded.get(rule.name) ?? []), ...labels])
  }
  return recorded
}

function checkUnique(what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new TypeError(`${what} ${twice.split(' ')[0]} stands twice`)
}

function checkRecording(rule: RecordingRule, fail: (reason: string) => never): void {
  if (!recordName.test(rule.name)) fail('the name of a recording rule is level:metric:operations')
}

function checkAlert(rule: AlertRule, fail: (reason: string) => never): void {
  if (!alertName.test(rule.name)) fail('the name of an alert is in CamelCase, of letters and digits')
  const text = { summary: rule.summary, description: rule.description, component: rule.component }
  for (const [field, value] of Object.entries(text)) if (!value) fail(`${field} is missing`)
  for (const duration of [rule.for, rule.keepFiringFor]) if (duration !== undefined) checkDuration(duration, fail)
  const labels = new Set([...rule.expr.labels, ...Object.keys(rule.labels ?? {}), 'severity', 'component'])
  const templates = `${rule.summary} ${rule.description} ${Object.values(rule.labels ?? {}).join(' ')}`
  for (const [, label = ''] of templates.matchAll(/\$labels\.([a-zA-Z_][a-zA-Z0-9_]*)/g)) {
    if (!labels.has(label)) fail(`a template names $labels.${label}, which ${rule.expr.text} does not have`)
  }
}

/** Labels that an alert has from its own fields, or Prometheus from its name. */
const settled = ['alertname', 'severity', 'component']

function checkLabels(rule: Rule, fail: (reason: string) => never): void {
  for (const label of Object.keys(rule.labels ?? {})) {
    if (!/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(label)) fail(`labels: ${JSON.stringify(label)} is no name of a label`)
    if (rule.kind === 'alert' && settled.includes(label)) fail(`labels: ${label} is settled by a field of its own`)
  }
}

function checkDuration(duration: Duration, fail: (reason: string) => never): void {
  try {
    if (durationText(duration).startsWith('$')) fail(`Prometheus knows no variables of Grafana: ${duration}`)
  } catch (error) {
    fail((error as Error).message)
  }
}
