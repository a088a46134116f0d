import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type AlertRule, type RuleSet, toPrometheus } from '@honoscope/alerting'
import { bundles } from '@honoscope/alerting/bundles'
import { alertWebhook } from '@honoscope/alerting/receiver'
import { expect, it } from 'vitest'
import { parse } from 'yaml'

const runbookUrl = 'https://runbooks.example.com/honoscope/docs/runbook.md'

/** An alert as Alertmanager delivers it, with labels as long as Kubernetes' own become. */
function delivered(rule: AlertRule, { annotations, labels }: Pick<Written, 'annotations' | 'labels'>) {
  const own = rule.expr.labels.map((label) => [label, label.padEnd(80, 'x')])
  const expr = encodeURIComponent(rule.expr.text)
  return {
    status: 'firing',
    labels: { alertname: rule.name, ...Object.fromEntries(own), ...labels },
    annotations,
    startsAt: '2026-01-01T00:00:00.000Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: `https://prometheus.example.com/graph?g0.expr=${expr}&g0.tab=1`,
  }
}

interface Written {
  readonly alert?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

function deliveredOf(rules: RuleSet) {
  const written: Written[] = parse(toPrometheus(rules, { runbookUrl })).groups.flatMap(
    (group: { rules: Written[] }) => group.rules,
  )
  const sources = rules.groups.flatMap((group) => group.rules)
  return sources.flatMap((rule, index) => {
    const text = written[index]
    return rule.kind === 'alert' && text ? [delivered(rule, text)] : []
  })
}

it.each(['alertmanager', 'compose'])('deploy/%s delivers no more than the receiver takes at once', async (folder) => {
  const file = fileURLToPath(new URL(`../deploy/${folder}/alertmanager.yml`, import.meta.url))
  const { receivers } = parse(await readFile(file, 'utf8'))
  const bounds = receivers.flatMap(({ webhook_configs }: { webhook_configs: { max_alerts: number }[] }) =>
    webhook_configs.map(({ max_alerts }) => max_alerts),
  )
  const most: number = bounds[0]
  expect(new Set(bounds)).toEqual(new Set([most]))
  // 0 is no bound: a group that outgrows the body limit is refused whole. A low one leaves out what would have fitted.
  expect(most).toBeGreaterThan(4_000)

  const all = Object.values(bundles).flatMap(({ rules }) => deliveredOf(rules))
  const longest = all.reduce((a, b) => (JSON.stringify(a).length >= JSON.stringify(b).length ? a : b))
  const alerts = Array.from({ length: most }, (_, index) => {
    const fingerprint = index.toString(16).padStart(16, '0')
    return { ...longest, labels: { ...longest.labels, uid: fingerprint }, fingerprint }
  })
  const auth = 'a-token-of-this-test-with-length'
  const nobody = { kind: 'test', send: async () => {} }
  const receiver = alertWebhook({ auth, routes: [{ notifiers: ['nobody'] }], notifiers: { nobody } })
  const answer = await receiver.request('/', {
    method: 'POST',
    headers: { authorization: `Bearer ${auth}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      version: '4',
      groupKey: '{}',
      truncatedAlerts: 1,
      status: 'firing',
      receiver: 'page',
      alerts,
    }),
  })
  await receiver.close()
  expect({ status: answer.status, text: await answer.text() }).toMatchObject({ status: 200 })
})
