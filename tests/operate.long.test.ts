// From a metric to who is told, with nothing between that is not the real thing: three nodes of TokMesh on PostgreSQL,
// Prometheus and Alertmanager with the configurations and rules of deploy/, the example receiver, and HTTP servers that
// speak Slack's, PagerDuty's and a webhook's side.
//
// Two such ways stand side by side. In one the files are as they are, but for addresses and key files: rules that wait
// for minutes are seen to be pending there. In the other every duration is divided by one factor (`hurry()`: `for`,
// ranges, offsets, intervals, waits; no threshold and no expression), so that they fire, are told, and end.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type TestCluster } from '../apps/tokmesh/src/acceptance/cluster/nodes.ts'
import { metricsKey } from '../apps/tokmesh/src/acceptance/support.ts'
import { hasAlertmanager } from './support/operate/alertmanager.ts'
import {
  cutDatabase,
  failAuthentication,
  killNodes,
  type Ongoing,
  slowDatabase,
  startLoad,
} from './support/operate/faults.ts'
import { repeated, toldByPager, toldByWebhook, toldInChat } from './support/operate/incidents.ts'
import { pictureOfAlerts, pictureOfTargets, picturesOfLatency } from './support/operate/pictures.ts'
import { type Stack, type StackOptions, startStack } from './support/operate/stack.ts'
import { hasPrometheus } from './support/prometheus.ts'

const missing = [!hasPrometheus && 'prometheus', !hasAlertmanager && 'prometheus-alertmanager'].filter(Boolean)
const title = `from a metric to who is told${missing.length > 0 ? ` (skipped: no ${missing.join(', no ')})` : ''}`

/** By how much time passes faster in the second way: 5 minutes are 20 seconds, and 15 seconds are one. */
const factor = 15

/** A folder: the pictures of docs/operations.md are taken anew, into it. */
const pictures = process.env.SCREENSHOTS

describe.skipIf(missing.length > 0)(title, () => {
  const cleanUp: (() => Promise<unknown>)[] = []
  let [cluster, load]: [TestCluster?, Ongoing?] = []
  let [real, hurried]: [Stack?, Stack?] = []

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'honoscope-operate-'))
    cleanUp.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
    const started = await startCluster()
    cluster = started
    cleanUp.push(started.stop)
    const stack = async (name: string, own: Pick<StackOptions, 'factor' | 'rules'>) => {
      const database = await testDatabase()
      cleanUp.push(database.drop)
      const nodes = started.nodes.map(({ url }) => new URL(url).host)
      const { url: databaseUrl } = database
      const made = await startStack({ folder: join(folder, name), nodes, metricsKey, databaseUrl, ...own })
      cleanUp.push(made.stop)
      return made
    }
    // The rules of what is here, as deploy/prometheus/README.md asks for; and all that there are.
    real = await stack('real', { rules: ['tokmesh', 'telemetry', 'receiver'] })
    hurried = await stack('hurried', { factor })
    load = await startLoad(started)
    cleanUp.push(load.stop)
  }, 180_000)
  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step().catch(() => {})
  }, 60_000)

  const parts = () => {
    if (!cluster || !load || !real || !hurried) throw new Error('it was not started')
    return { cluster, load, real, hurried }
  }

  /** Lets a fault go on until its alert fires in the hurried way and is in that state in the real one. */
  async function provoke(alert: string, fault: Ongoing | Promise<Ongoing>, inReal: string): Promise<Ongoing> {
    const { real, hurried } = parts()
    const going = await fault
    await until(async () => (await hurried.states(alert)).includes('firing'), 120_000)
    await until(async () => (await real.states(alert)).includes(inReal), 120_000)
    return going
  }

  /** Resolves when the webhook, which is told of everything, has been told that. */
  const told = (alert: string, status: 'firing' | 'resolved', stack = parts().hurried) =>
    until(() => toldByWebhook(stack.listeners).some((news) => news.alert === alert && news.status === status), 120_000)

  it('scrapes every node, and evaluates every rule without an error', async () => {
    for (const { prometheus, rules } of [parts().real, parts().hurried]) {
      const up = async () => (await prometheus.query('sum(up{job="tokmesh"})'))[0]?.value[1]
      await until(async () => (await up()) === '3', 60_000)
      await until(async () => (await rules()).every(({ health }) => health !== 'unknown'), 60_000)
      expect((await rules()).filter(({ health }) => health !== 'ok')).toEqual([])
    }
    expect((await parts().hurried.rules()).length).toBeGreaterThan(100)
    if (pictures) await pictureOfTargets(pictures, parts().real.prometheus.url)
  }, 180_000)

  it('slow validations are a warning: pending for minutes, told in the chat, and not by the pager', async () => {
    const { cluster, real, hurried } = parts()
    const fault = await provoke('HighTokenValidateLatency', slowDatabase(cluster), 'pending')
    await told('HighTokenValidateLatency', 'firing')
    await fault.stop()
    await told('HighTokenValidateLatency', 'resolved')
    if (pictures) await picturesOfLatency(pictures, real.prometheus.url, cluster.nodes[0]?.url ?? '')
    await until(() => toldInChat(hurried.listeners).includes('HighTokenValidateLatency resolved'))
    const warnings = toldByWebhook(hurried.listeners).filter(({ severity }) => severity === 'warning')
    const paged = toldByPager(hurried.listeners).map(({ incident }) => incident)
    expect(warnings.length).toBeGreaterThan(1)
    expect(warnings.filter(({ incident }) => paged.includes(incident))).toEqual([])
  }, 300_000)

  it('failed authentication and server errors page, after minutes and at once', async () => {
    const { cluster } = parts()
    const guessing = await provoke('HighAuthFailureRate', failAuthentication(cluster), 'pending')
    await told('HighAuthFailureRate', 'firing')
    await guessing.stop()
    const cut = await provoke('TokMeshAvailabilityBurnRateFast', cutDatabase(cluster), 'firing')
    await cut.stop()
    await told('TokMeshAvailabilityBurnRateFast', 'firing')
  }, 300_000)

  it('a lost quorum fires after its 30 s, with nothing hurried, and pages', async () => {
    const { cluster, real, hurried } = parts()
    const dead = await provoke('ClusterSplitBrain', killNodes(cluster.nodes.slice(1)), 'firing')
    await told('ClusterSplitBrain', 'firing')
    await told('ClusterSplitBrain', 'firing', real)
    if (pictures) await pictureOfAlerts(pictures, real.prometheus.url, 'ClusterSplitBrain')
    await dead.stop()
    for (const { listeners } of [real, hurried]) {
      const incident = toldByWebhook(listeners).find(({ alert }) => alert === 'ClusterSplitBrain')?.incident
      await until(() => toldByPager(listeners).some((news) => news.incident === incident && news.status === 'firing'))
      await until(() => toldInChat(listeners).includes('ClusterSplitBrain firing'))
    }
  }, 300_000)

  it('all ends when the faults do, and each was told once for each state, by everyone who was to', async () => {
    const { hurried, real } = parts()
    for (const alert of ['HighAuthFailureRate', 'TokMeshAvailabilityBurnRateFast', 'ClusterSplitBrain'])
      await told(alert, 'resolved')
    await told('ClusterSplitBrain', 'resolved', real)
    await parts().load.stop()
    for (const stack of [real, hurried]) {
      await settled(stack)
      const { listeners, receiver, prometheus, alertmanager } = stack
      const news = toldByWebhook(listeners)
      expect(repeated(news)).toEqual([])
      expect(repeated(toldByPager(listeners))).toEqual([])
      const critical = news.filter(({ severity }) => severity === 'critical')
      expect(sorted(toldByPager(listeners).map(keyOf))).toEqual(sorted(critical.map(keyOf)))
      const forChat = news.filter(({ severity }) => severity !== 'info')
      expect(sorted(toldInChat(listeners))).toEqual(sorted(forChat.map(({ alert, status }) => `${alert} ${status}`)))
      expect(await receiver.metrics()).toMatch(/^honoscope_alert_dead_letters 0$/m)
      expect(prometheus.log()).not.toMatch(/Evaluating rule failed|Error on ingesting/)
      // Every delivery to the receiver succeeded at once. Mail has no server here.
      expect(alertmanager.log()).not.toMatch(/integration=webhook.*Notify attempt failed/)
    }
  }, 300_000)
})

const keyOf = ({ incident, status }: { incident: string; status: string }) => `${incident} ${status}`
const sorted = (texts: readonly string[]) => [...texts].sort()

/** Resolves when nobody has been told anything for a while. */
async function settled({ listeners, receiver }: Stack): Promise<void> {
  await until(async () => /^honoscope_alert_notifications_waiting 0$/m.test(await receiver.metrics()))
  await until(() => Date.now() - Math.max(...listeners.told.map(({ at }) => at)) > 2_000, 60_000)
}
