// `npm run example:alerts` as its README has it: the same commands, on another port.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runtime, until } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import { afterEach, describe, expect, it } from 'vitest'
import { type Receiver, startReceiver } from './support/operate/receiver.ts'
import { type Listeners, startListeners } from './support/operate/told.ts'

const page = await readFile(fileURLToPath(new URL('../examples/alert-receiver/README.md', import.meta.url)), 'utf8')
/** The shell blocks that ask something, each with the answer that stands below it. */
const asked = [...page.matchAll(/^```sh\n(curl [\s\S]*?)\n```\n\n```json\n([\s\S]*?)\n```$/gm)]

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

const token = 'a-token-of-this-test'
type Variables = Readonly<Record<string, string>>

async function start(listeners: Listeners, environment: Variables, command?: readonly string[]): Promise<Receiver> {
  const told = { ALERT_RECEIVER_TOKEN: token, WEBHOOK_URL: `${listeners.url}/webhook` }
  const receiver = await startReceiver({ ...told, ...environment }, command)
  cleanUp.push(() => receiver.kill('SIGKILL'))
  return receiver
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'honoscope-receiver-'))
  cleanUp.push(() => rm(made, { recursive: true, force: true, maxRetries: 5 }))
  return made
}

async function listen(): Promise<Listeners> {
  const listeners = await startListeners()
  cleanUp.push(listeners.stop)
  return listeners
}

async function run(command: string, receiver: Receiver): Promise<string> {
  const env = { PATH: process.env.PATH ?? '', ALERT_RECEIVER_TOKEN: token }
  const here = command.replaceAll('http://127.0.0.1:5090', receiver.url)
  return (await promisify(execFile)('bash', ['-c', here], { env })).stdout.trim()
}

describe('the alert receiver', () => {
  it('answers as its README says, and tells what it was told once, also after a restart', async () => {
    const listeners = await listen()
    const environment = { DATA_DIR: await folder() }
    const script = runtime === 'bun' ? 'example:alerts:bun' : 'example:alerts'
    const first = await start(listeners, environment, ['npm', 'run', '--silent', script])
    expect(asked.length).toBeGreaterThan(2)
    for (const [, command = '', answer = ''] of asked) {
      // Ids and times differ; what is left has to be the same to the letter.
      expect(kindOf(await run(command, first)), command).toBe(kindOf(answer))
      await until(async () => (await first.metrics()).includes('\nhonoscope_alert_notifications_waiting 0\n'))
    }
    const before = listeners.told.length
    expect(before).toBeGreaterThan(0)
    expect(await first.kill('SIGTERM')).toBe(0)
    const second = await start(listeners, environment)
    expect(JSON.parse(await run(asked[0]?.[1] ?? '', second))).toMatchObject({ new: 0 })
    expect(listeners.told.length).toBe(before)
    expect(await second.kill('SIGINT')).toBe(0)
  })

  it('keeps it in PostgreSQL, and takes its secrets from files', async () => {
    const listeners = await listen()
    const database = await testDatabase()
    cleanUp.push(database.drop)
    const secrets = await folder()
    const slack = join(secrets, 'slack')
    await writeFile(slack, `${listeners.url}/slack\n`)
    const environment = { DATABASE_URL: database.url, SLACK_WEBHOOK_URL_FILE: slack, METRICS_TOKEN: 'for-prometheus' }
    const receiver = await start(listeners, environment)
    await run(asked[0]?.[1] ?? '', receiver)
    await until(() => listeners.at('/slack').length === 1 && listeners.at('/webhook').length === 1)
    expect((await fetch(`${receiver.url}/metrics`)).status).toBe(401)
    const headers = { Authorization: 'Bearer for-prometheus' }
    expect(await (await fetch(`${receiver.url}/metrics`, { headers })).text()).toContain(
      'honoscope_alert_deliveries_total',
    )
    expect((await fetch(`${receiver.url}/alerts`, { method: 'POST' })).status).toBe(401)
    expect(receiver.output()).not.toContain(listeners.url)
    expect(await receiver.kill('SIGTERM')).toBe(0)
  })

  it('mends only what is named, as a dry run, and the audit has it', async () => {
    const listeners = await listen()
    const receiver = await start(listeners, {
      ...{ DATA_DIR: await folder(), REMEDIATIONS: 'restart-pod,scale-deployment' },
      REMEDIATION_DEPLOYMENTS: 'tokmesh/tokmesh:3-9',
    })
    const about = (alertname: string, pod: string) =>
      (asked[0]?.[1] ?? '')
        .replaceAll('ClusterSplitBrain', alertname)
        .replace('"component"', `"namespace":"tokmesh","pod":"${pod}","component"`)
        .replace('c4f6a9b0d1e2f3a4', alertname)
    await run(about('HighMemoryUsage', 'another-7d9f8-x2x4z'), receiver)
    await run(about('HighCPUUsage', 'another-7d9f8-x2x4z'), receiver)
    const list = `curl -s -H "Authorization: Bearer $ALERT_RECEIVER_TOKEN" http://127.0.0.1:5090/alerts/remediations`
    const audit = async () =>
      JSON.parse(await run(list, receiver)).remediations as { remediation: string; result: string }[]
    await until(async () => (await audit()).filter(({ result }) => result === 'refused').length === 2)
    expect((await audit()).map(({ remediation }) => remediation).sort()).toEqual(['restart-pod', 'scale-deployment'])
    expect(await receiver.kill('SIGTERM')).toBe(0)
  })

  it.each([
    [{}, /nobody would be told: set at least one of SLACK_WEBHOOK_URL, PAGERDUTY_ROUTING_KEY/],
    [{ SMTP_URL: 'mail.example.com' }, /SMTP_URL must be smtp:/],
    [{ SMTP_URL: 'smtp://mail.example.com' }, /EMAIL_FROM or EMAIL_FROM_FILE must be set/],
    [{ SLACK_WEBHOOK_URL_FILE: '/none/slack' }, /the file of SLACK_WEBHOOK_URL_FILE can't be read: ENOENT/],
    [{ PAGERDUTY_ROUTING_KEY: 'hush-hush' }, /PAGERDUTY_ROUTING_KEY: .*routingKey must be 32 letters and digits/],
    [{ SMTP_URL: 'smtp://me:hush-hush%@mail.example.com' }, /SMTP_URL: user and password must be escaped/],
    [{ WEBHOOK_URL: 'https://me:hush-hush@example.com' }, /WEBHOOK_URL: .* must have no user and password/],
    [
      { WEBHOOK_URL: 'http://127.0.0.1:1', DATABASE_URL: 'postgres://me:hush-hush#@db.example.com/alerts' },
      /DATABASE_URL must be postgres:/,
    ],
    [{ WEBHOOK_URL: 'http://127.0.0.1:1', REMEDIATIONS: 'restart-pod' }, /REMEDIATION_DEPLOYMENTS must name/],
  ])('says what is wrong with %j, and never the value', async (environment, sentence) => {
    const own = { ALERT_RECEIVER_TOKEN: token, DATA_DIR: await folder() }
    const failed = await startReceiver({ ...own, ...environment }).catch((error: Error) => error.message)
    expect(failed).toMatch(sentence)
    expect(failed).not.toContain('hush-hush')
  })
})

function kindOf(answer: string): string {
  return answer
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/\b\d{13}\b/g, '<ms>')
    .replaceAll(/\d+\.\d+|"lastMs":\d+/g, '<number>')
}
