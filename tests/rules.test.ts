import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AlertRule, toPrometheus } from '@honoscope/alerting'
import { type Bundle, bundles, service } from '@honoscope/alerting/bundles'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectedAlert, type RuleCase, ruleTests, scene } from './rules/case.ts'
import { cases, objectives } from './rules/cases/index.ts'
import { type BurnCase, burnCases } from './rules/cases/shared.ts'

const hasPromtool = spawnSync('promtool', ['--version']).status === 0
const title = `promtool${hasPromtool ? '' : ' (skipped: promtool is not installed)'}`
const runbookUrl = 'https://example.com/honoscope/docs/runbook.md'

const alertsOf = ({ rules }: Bundle) =>
  rules.groups.flatMap((group) => group.rules).filter((rule): rule is AlertRule => rule.kind === 'alert')

/** The case's labels have those of the rule: several rules have one name. */
const isOf = (rule: AlertRule, labels: Readonly<Record<string, string>>) =>
  Object.entries(rule.labels ?? {}).every(([label, value]) => labels[label] === value)

/** Tests of one bundle, as promtool reads them. Throws for a rule without a case and for a case without a rule. */
function testsOf(bundle: Bundle): readonly object[] {
  const alerts = alertsOf(bundle)
  const burning = (objectives[bundle.name] ?? []).flatMap(burnCases)
  const left = new Set<RuleCase>(cases[bundle.name])
  const tests: object[] = []
  for (const rule of alerts.filter(({ name }) => !/BurnRate(Fast|Slow)$/.test(name))) {
    const own = [...left].filter(({ alert, firing }) => alert === rule.name && isOf(rule, firing.labels))
    if (own.length === 0 || own.every(({ silent }) => silent.length === 0)) {
      throw new Error(`${bundle.name}: ${rule.name} ${JSON.stringify(rule.labels ?? {})} lacks its two cases`)
    }
    for (const one of own) left.delete(one)
    tests.push(...own.flatMap((one) => ruleTests(rule, one, runbookUrl)))
  }
  if (left.size > 0) throw new Error(`${bundle.name}: there is no rule for ${[...left].map(({ alert }) => alert)}`)
  return [...tests, ...burnTests(alerts, burning)]
}

function burnTests(alerts: readonly AlertRule[], burning: readonly BurnCase[]): readonly object[] {
  const told = burning.flatMap((one) => one.alerts)
  for (const rule of alerts.filter(({ name }) => /BurnRate(Fast|Slow)$/.test(name))) {
    const fires = told
      .filter(({ alert }) => alert === rule.name)
      .map(({ expected }) => expected.some(({ labels }) => isOf(rule, labels)))
    if (new Set(fires).size !== 2) throw new Error(`${rule.name} ${rule.labels?.long_window} lacks its cases`)
  }
  const ruleOf = (name: string, labels: Readonly<Record<string, string>>): AlertRule => {
    const rule = alerts.find((one) => one.name === name && isOf(one, labels))
    if (!rule) throw new Error(`there is no rule ${name} with ${JSON.stringify(labels)}`)
    return rule
  }
  return burning.map((one, index) => {
    const expected = one.alerts.map(({ alert, expected }) => ({
      alertname: alert,
      exp_alerts: expected.map((firing) => expectedAlert(ruleOf(alert, firing.labels), firing, runbookUrl)),
    }))
    return scene(`burning (${index + 1})`, one.series, one.at, expected)
  })
}

describe('bundles', () => {
  it.each(Object.keys(bundles))('have a firing and a silent case for each alert: %s', (name) => {
    const bundle = bundles[name] as Bundle
    expect(testsOf(bundle).length).toBeGreaterThanOrEqual(alertsOf(bundle).length)
  })
  it('are no other ones than those that have cases', () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(bundles).sort())
  })
})

describe.skipIf(!hasPromtool)(title, () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'honoscope-rules-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const promtool = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' })
    return { status, output: `${stdout}${stderr}` }
  }
  const write = (bundle: Bundle) =>
    writeFile(join(folder, `${bundle.name}.yaml`), toPrometheus(bundle.rules, { runbookUrl }))
  const test = async (name: string, tests: readonly object[]) => {
    const file = { rule_files: [`${name}.yaml`], evaluation_interval: '1m', tests }
    await writeFile(join(folder, `${name}.test.yaml`), JSON.stringify(file))
    return promtool('test', 'rules', `${name}.test.yaml`)
  }

  it.each(Object.keys(bundles))('takes the rules, which fire and are silent as they should: %s', async (name) => {
    const bundle = bundles[name] as Bundle
    await write(bundle)
    const checked = promtool('check', 'rules', `${name}.yaml`)
    expect(checked).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') })
    const tested = await test(name, testsOf(bundle))
    expect(tested).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') })
  })

  it('notices a rule that is broken', async () => {
    const { tokmesh } = bundles
    const text = toPrometheus((tokmesh as Bundle).rules, { runbookUrl })
    const broken = {
      threshold: text.replace('tokmesh_cpu_usage_ratio > 0.85', 'tokmesh_cpu_usage_ratio > 0.84'),
      severity: text.replace('severity: critical', 'severity: warning'),
      description: text.replace('About {{ $value | humanize }} commits', 'About {{ $value }} percent of commits'),
      for: text.replace('for: 2m', 'for: 20m'),
    }
    const about = /^(HighResourceUsage|WALWriteFailure|PodDown|ServiceDown) /
    const tests = testsOf(tokmesh as Bundle).filter((one) => about.test((one as { name: string }).name))
    await writeFile(join(folder, 'tokmesh.yaml'), text)
    expect(await test('tokmesh', tests)).toMatchObject({ status: 0 })
    for (const [what, wrong] of Object.entries(broken)) {
      expect(wrong).not.toBe(text)
      await writeFile(join(folder, 'tokmesh.yaml'), wrong)
      expect({ what, ...(await test('tokmesh', tests)) }).toMatchObject({ what, status: 1 })
    }
  })

  it('takes the rules of any service', async () => {
    const shop = service({ name: 'web-shop', job: 'shop', prefix: 'shop_', component: 'sales' })
    await write(shop)
    expect(promtool('check', 'rules', 'web-shop.yaml')).toMatchObject({ status: 0 })
    expect(alertsOf(shop).map(({ name }) => name)).toContain('WebShopAvailabilityBurnRateFast')
  })
})
