/** What stands between a metric and who is told: Prometheus, Alertmanager, the receiver, and those whom it tells. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Prometheus, startPrometheus } from '../prometheus.ts'
import { adaptAlertmanager, adaptPrometheus } from './adapt.ts'
import { type Alertmanager, startAlertmanager } from './alertmanager.ts'
import { hurry } from './hurry.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { type Listeners, startListeners } from './told.ts'

const deploy = fileURLToPath(new URL('../../../deploy/', import.meta.url))

/** A rule as Prometheus's API tells it. */
export interface RuleState {
  readonly name: string
  readonly type: 'alerting' | 'recording'
  readonly health: 'ok' | 'unknown' | 'err'
  readonly lastError?: string
  readonly state?: 'inactive' | 'pending' | 'firing'
}

/** A whole way of an alert. */
export interface Stack {
  readonly prometheus: Prometheus
  readonly alertmanager: Alertmanager
  readonly receiver: Receiver
  readonly listeners: Listeners
  rules(): Promise<readonly RuleState[]>
  /** The states in which an alert of this name is. */
  states(alert: string): Promise<readonly string[]>
  stop(): Promise<void>
}

export interface StackOptions {
  /** Where all of it keeps its data. */
  readonly folder: string
  /** `host:port` of each node. */
  readonly nodes: readonly string[]
  /** The key with which they let themselves be scraped. */
  readonly metricsKey: string
  /** Of the receiver. */
  readonly databaseUrl: string
  /** Names of the rule files of `deploy/prometheus/rules`, without their ending. Default: all. */
  readonly rules?: readonly string[]
  /** By how much time passes faster, in rules and configurations. Default: 1. */
  readonly factor?: number
}

/** Starts all of it, one after the other. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { folder, nodes, metricsKey, databaseUrl, factor = 1 } = options
  const paced = (document: string) => (factor === 1 ? document : hurry(document, factor))
  await mkdir(folder, { recursive: true })
  const [token, tokenFile, keyFile] = ['a-token-of-this-test', join(folder, 'token'), join(folder, 'key')]
  await writeFile(tokenFile, token)
  await writeFile(keyFile, metricsKey)
  const stops: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const step of stops.splice(0).reverse()) await step()
  }
  try {
    const listeners = await startListeners()
    stops.push(listeners.stop)
    const receiver = await startReceiver(toTell(listeners.url, token, databaseUrl))
    stops.push(() => receiver.kill('SIGTERM'))
    const route = paced(await readFile(join(deploy, 'alertmanager/alertmanager.yml'), 'utf8'))
    const alertmanager = await startAlertmanager(folder, adaptAlertmanager(route, receiver.url, tokenFile))
    stops.push(alertmanager.stop)
    const rules = await rulesInto(join(folder, 'rules'), options.rules, paced)
    const scraping = paced(await readFile(join(deploy, 'prometheus/prometheus.yml'), 'utf8'))
    const host = (url: string) => new URL(url).host
    const prometheus = await startPrometheus(folder, (own) =>
      adaptPrometheus(scraping, {
        targets: {
          tokmesh: nodes,
          'alert-receiver': [host(receiver.url)],
          alertmanager: [host(alertmanager.url)],
          prometheus: [own],
        },
        keyFiles: { tokmesh: keyFile },
        ...{ rules, alertmanager: host(alertmanager.url) },
      }),
    )
    stops.push(prometheus.stop)
    const asked = async () => {
      const { groups } = await prometheus.ask<{ groups: { rules: RuleState[] }[] }>('rules')
      return groups.flatMap((group) => group.rules)
    }
    const states = async (alert: string) => {
      const found = (await asked()).filter(({ name }) => name === alert)
      return found.flatMap(({ state }) => state ?? [])
    }
    return { prometheus, alertmanager, receiver, listeners, rules: asked, states, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The receiver's environment: all who are told are local. */
const toTell = (listeners: string, token: string, databaseUrl: string) => ({
  ALERT_RECEIVER_TOKEN: token,
  DATABASE_URL: databaseUrl,
  SLACK_WEBHOOK_URL: `${listeners}/slack`,
  PAGERDUTY_ROUTING_KEY: '0123456789abcdef0123456789abcdef',
  PAGERDUTY_URL: `${listeners}/pagerduty`,
  WEBHOOK_URL: `${listeners}/webhook`,
  LOG_LEVEL: 'warn',
})

/** Copies rule files that `deploy/` has, and returns the glob of the copies. */
async function rulesInto(
  folder: string,
  wanted: readonly string[] | undefined,
  paced: (document: string) => string,
): Promise<string> {
  const from = join(deploy, 'prometheus/rules')
  const names = wanted?.map((name) => `${name}.yaml`) ?? (await readdir(from))
  await mkdir(folder, { recursive: true })
  for (const name of names) await writeFile(join(folder, name), paced(await readFile(join(from, name), 'utf8')))
  return join(folder, '*.yaml')
}
