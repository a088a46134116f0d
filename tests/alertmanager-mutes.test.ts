import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Alertmanager, hasAlertmanager, startAlertmanager } from './support/operate/alertmanager.ts'
import { eventually } from './support/prometheus.ts'

const file = fileURLToPath(new URL('../deploy/alertmanager/alertmanager.yml', import.meta.url))
const title = `what deploy/alertmanager/alertmanager.yml mutes${hasAlertmanager ? '' : ' (skipped: alertmanager is not installed)'}`

type Labels = Readonly<Record<string, string>>

describe.skipIf(!hasAlertmanager)(title, () => {
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

  const tell = async (...alerts: readonly Labels[]) => {
    const body = JSON.stringify(alerts.map((labels) => ({ labels })))
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${manager.url}/api/v2/alerts`, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
  }
  const stateOf = async (labels: Labels) => {
    const same = (other: Labels) =>
      Object.keys(other).length === Object.keys(labels).length &&
      Object.entries(labels).every(([label, value]) => other[label] === value)
    return (await manager.alerts()).find((alert) => same(alert.labels))?.status.state
  }

  const critical = { severity: 'critical' }
  const warning = { severity: 'warning' }
  const pod = { component: 'kubernetes', namespace: 'shop', container: 'web' }
  const cases: readonly [string, Labels, Labels, Labels][] = [
    [
      'a revoke lag that pages mutes its own warning, and not what else the cluster warns of',
      { alertname: 'CriticalSessionRevokePropagationLag', component: 'tokmesh-cluster', ...critical, run: '2' },
      { alertname: 'HighSessionRevokePropagationLag', component: 'tokmesh-cluster', ...warning, run: '2' },
      { alertname: 'EvenNodeCount', component: 'tokmesh-cluster', ...warning, run: '2' },
    ],
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
      'a service that is down mutes its warnings, and not a page about it',
      { alertname: 'ServiceDown', component: 'chat2sql', app: 'chat2sql', ...critical },
      { alertname: 'HighErrorRate', component: 'chat2sql', app: 'chat2sql', ...warning },
      { alertname: 'LowAIAccuracy', component: 'ai', ...critical },
    ],
    [
      'a database that is down mutes what is about it, and nothing about another',
      { alertname: 'PostgresDown', component: 'postgres', job: 'postgres-exporter', instance: 'p:1', ...critical },
      { alertname: 'PostgresDeadlocks', component: 'postgres', job: 'postgres-exporter', instance: 'p:1', ...warning },
      { alertname: 'PostgresDeadlocks', component: 'postgres', job: 'postgres-exporter', instance: 'q:1', ...warning },
    ],
    [
      'an objective that pages mutes its own warning, and not that of another',
      { alertname: 'IacAvailabilityBurnRateFast', component: 'iac', app: 'iac2', slo: 'IacAvailability', ...critical },
      { alertname: 'IacAvailabilityBurnRateSlow', component: 'iac', app: 'iac2', slo: 'IacAvailability', ...warning },
      { alertname: 'IacLatencyBurnRateSlow', component: 'iac', app: 'iac2', slo: 'IacLatency', ...warning },
    ],
  ]

  it.each<[string, Labels, Labels]>([
    [
      'somebody who guesses keys does not hide that a certificate cannot be loaded',
      { alertname: 'HighAuthFailureRate', component: 'tokmesh-security', ...critical },
      { alertname: 'CertificateReloadFailure', component: 'tokmesh-security', job: 't', instance: 'a:2', ...warning },
    ],
    [
      'a full disk does not hide that audit entries are lost',
      { alertname: 'DiskSpaceLow', component: 'tokmesh-storage', mountpoint: '/data', ...critical },
      { alertname: 'AuditEntriesLost', component: 'tokmesh-storage', job: 't', instance: 'a:2', ...warning },
    ],
    [
      'one commit that failed does not hide the page that most requests do',
      { alertname: 'WALWriteFailure', component: 'tokmesh-storage', ...critical, run: '3' },
      { alertname: 'TokMeshAvailabilityBurnRateFast', component: 'tokmesh', slo: 'TokMeshAvailability', ...critical },
    ],
    [
      'an Alertmanager whose mail fails does not hide that alerts wait in the receiver',
      { alertname: 'AlertmanagerNotificationsFailing', component: 'alerting', integration: 'email', ...critical },
      { alertname: 'AlertsWaitTooLong', component: 'alerting', job: 'alert-receiver', instance: 'r:1', ...critical },
    ],
  ])('%s', async (_, source, other) => {
    await tell(source, other)
    // Alertmanager looks at sources one after the other: when this one mutes, that one would have.
    const down = { alertname: 'PodDown', job: 'j', instance: source.alertname ?? '' }
    const mutedByIt = { ...down, alertname: 'Any' }
    await tell(down, mutedByIt)
    expect(
      await eventually(
        () => stateOf(mutedByIt),
        (state) => state === 'suppressed',
      ),
    ).toBe('suppressed')
    expect([await stateOf(source), await stateOf(other)]).toEqual(['active', 'active'])
  })

  it.each(cases)('%s', async (_, source, muted, told) => {
    await tell(source, muted, told)
    const states = async () => [await stateOf(source), await stateOf(muted), await stateOf(told)]
    const expected = ['active', 'suppressed', 'active']
    expect(await eventually(states, (found) => found.join() === expected.join())).toEqual(expected)
  })
})
