import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Severity } from '@honoscope/alerting'
import { bundles } from '@honoscope/alerting/bundles'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Alertmanager, hasAlertmanager, startAlertmanager } from './support/operate/alertmanager.ts'
import { eventually } from './support/prometheus.ts'

const file = fileURLToPath(new URL('../deploy/alertmanager/alertmanager.yml', import.meta.url))
const hasAmtool = spawnSync('amtool', ['--version']).status === 0
const title = (what: string, has: boolean, tool: string) =>
  `${what}${has ? '' : ` (skipped: ${tool} is not installed)`}`

const alerts = Object.values(bundles).flatMap(({ rules }) =>
  rules.groups.flatMap((group) => group.rules.flatMap((rule) => (rule.kind === 'alert' ? [rule] : []))),
)
const components = [...new Set(alerts.map(({ component }) => component))]
const receivers: Record<Severity, string> = { critical: 'page', warning: 'notify', info: 'record' }

describe('deploy/alertmanager/alertmanager.yml', () => {
  it('tells the alert receiver of everything, of the end too, with a token from a file and a bound on alerts', async () => {
    const config = parse(await readFile(file, 'utf8'))
    for (const { name, webhook_configs } of config.receivers) {
      expect({ name, webhook_configs }).toEqual({
        name,
        webhook_configs: [
          {
            url: 'http://alert-receiver.example.com:5090/alerts',
            send_resolved: true,
            max_alerts: expect.any(Number),
            http_config: { authorization: { type: 'Bearer', credentials_file: expect.stringMatching(/^\//) } },
          },
        ],
      })
    }
  })

  it('names only alerts that there are', async () => {
    const names = alerts.map(({ name }) => name)
    const { inhibit_rules } = parse(await readFile(file, 'utf8'))
    const matchers: string[] = inhibit_rules.flatMap((rule: Record<string, string[]>) =>
      [rule.source_matchers, rule.target_matchers].flat(),
    )
    const patterns = matchers.flatMap((text) => /^alertname(?:=~?|!=)"(.*)"$/.exec(text)?.[1] ?? [])
    expect(patterns.length).toBeGreaterThan(8)
    for (const pattern of patterns.flatMap((text) => (text.includes('(') ? [text] : text.split('|')))) {
      expect({ pattern, known: names.some((name) => new RegExp(`^(${pattern})$`).test(name)) }).toEqual({
        pattern,
        known: true,
      })
    }
  })
})

describe.skipIf(!hasAmtool)(title('amtool', hasAmtool, 'amtool'), () => {
  const amtool = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('amtool', args, { encoding: 'utf8' })
    return { status, output: `${stdout}${stderr}` }
  }
  const routed = (...labels: string[]) => {
    const { stdout } = spawnSync('amtool', ['config', 'routes', 'test', `--config.file=${file}`, ...labels], {
      encoding: 'utf8',
    })
    return stdout.trim()
  }

  it('takes it', () => {
    expect(amtool('check-config', file)).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') })
  })

  it.each(components)('sends what is about %s where its severity says', (component) => {
    for (const [severity, receiver] of Object.entries(receivers)) {
      const own = severity === 'critical' ? 'alerting-page' : 'alerting-notify'
      const expected = component === 'alerting' ? own : receiver
      expect({ severity, to: routed(`severity=${severity}`, `component=${component}`) }).toEqual({
        severity,
        to: expected,
      })
    }
  })

  it('tells somebody of an alert whose severity or component nobody foresaw', () => {
    expect(routed('severity=odd', 'component=tokmesh')).toBe('notify')
    expect(routed('alertname=Odd')).toBe('notify')
    expect(routed('severity=critical', 'component=odd')).toBe('page')
  })
})

describe.skipIf(!hasAlertmanager)(title('a real Alertmanager', hasAlertmanager, 'alertmanager'), () => {
  let folder = ''
  let manager: Alertmanager
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'honoscope-alertmanager-'))
    manager = await startAlertmanager(folder, await readFile(file, 'utf8'))
  })
  afterAll(async () => {
    await manager?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  type Labels = Readonly<Record<string, string>>
  const critical = { severity: 'critical' }
  const warning = { severity: 'warning' }
  const pod = { component: 'kubernetes', namespace: 'shop', container: 'web' }
  const cases: readonly [string, Labels, Labels, Labels][] = [
    [
      'a lost quorum mutes the slow revokes, and not what is stored',
      { alertname: 'ClusterSplitBrain', component: 'tokmesh-cluster', ...critical },
      { alertname: 'CriticalSessionRevokePropagationLag', component: 'tokmesh-cluster', ...critical },
      { alertname: 'WALWriteFailure', component: 'tokmesh-storage', ...critical, run: '1' },
    ],
    [
      'a target that is down mutes what is about it, and nothing about others',
      { alertname: 'PodDown', component: 'tokmesh', app: 'tokmesh', job: 'tokmesh', instance: 'a:1', ...warning },
      { alertname: 'HighResourceUsage', component: 'tokmesh', job: 'tokmesh', instance: 'a:1', ...warning },
      { alertname: 'HighResourceUsage', component: 'tokmesh', job: 'tokmesh', instance: 'b:1', ...warning },
    ],
    [
      'a service that is down mutes its targets, and not those of others',
      { alertname: 'ServiceDown', component: 'iac', app: 'iac', ...critical },
      { alertname: 'PodDown', component: 'iac', app: 'iac', job: 'iac', instance: 'c:1', ...warning },
      { alertname: 'PodDown', component: 'chat2sql', app: 'chat2sql', job: 'chat2sql', instance: 'd:1', ...warning },
    ],
    [
      'what pages mutes the warning about the same pod, and not about another',
      { alertname: 'PodCrashLooping', ...pod, pod: 'web-1', ...critical },
      { alertname: 'HighMemoryUsage', ...pod, pod: 'web-1', ...warning },
      { alertname: 'HighMemoryUsage', ...pod, pod: 'web-2', ...warning },
    ],
    [
      'a log that cannot be written mutes the errors that it makes, and not slow answers',
      { alertname: 'WALWriteFailure', component: 'tokmesh-storage', ...critical, run: '2' },
      { alertname: 'TokMeshAvailabilityBurnRateFast', component: 'tokmesh', ...critical, long_window: '1h' },
      { alertname: 'TokMeshLatencyBurnRateFast', component: 'tokmesh', ...critical, long_window: '1h' },
    ],
    [
      'an objective that pages mutes its own warning, and not that of another',
      { alertname: 'IacAvailabilityBurnRateFast', component: 'iac', app: 'iac2', slo: 'IacAvailability', ...critical },
      { alertname: 'IacAvailabilityBurnRateSlow', component: 'iac', app: 'iac2', slo: 'IacAvailability', ...warning },
      { alertname: 'IacLatencyBurnRateSlow', component: 'iac', app: 'iac2', slo: 'IacLatency', ...warning },
    ],
  ]

  it.each(cases)('%s', async (_, source, muted, told) => {
    const body = JSON.stringify([source, muted, told].map((labels) => ({ labels })))
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${manager.url}/api/v2/alerts`, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
    const stateOf = async (labels: Labels) => {
      const same = (other: Labels) =>
        Object.keys(other).length === Object.keys(labels).length &&
        Object.entries(labels).every(([label, value]) => other[label] === value)
      return (await manager.alerts()).find((alert) => same(alert.labels))?.status.state
    }
    const states = async () => [await stateOf(source), await stateOf(muted), await stateOf(told)]
    const expected = ['active', 'suppressed', 'active']
    expect(await eventually(states, (found) => found.join() === expected.join())).toEqual(expected)
  })
})
