// The commands of docs/operations.md, run one after the other as a reader would: TokMesh, Alertmanager and the receiver
// are there, on other ports, and `deploy/` is a copy.
import { execFile, spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runtime, until } from '@honoscope/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Child, startChild } from '../apps/tokmesh/src/acceptance/child.ts'
import { metricsKey } from '../apps/tokmesh/src/acceptance/support.ts'
import { adaptAlertmanager } from './support/operate/adapt.ts'
import { type Alertmanager, hasAlertmanager, startAlertmanager } from './support/operate/alertmanager.ts'
import { type Receiver, startReceiver } from './support/operate/receiver.ts'
import { type Listeners, startListeners } from './support/operate/told.ts'
import { hasPrometheus } from './support/prometheus.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = await readFile(join(root, 'docs/operations.md'), 'utf8')
const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.trim().split('\n'))
const [, config = ''] = /^```js\n([\s\S]*?)^```$/m.exec(page) ?? []

/** What is there to run them: each by the first word, or two, of its commands. */
const there: Readonly<Record<string, boolean>> = {
  'npx honoscope': true,
  curl: spawnSync('curl', ['--version']).status === 0,
  promtool: hasPrometheus,
  amtool: hasAlertmanager,
  kubectl: spawnSync('kubectl', ['version', '--client']).status === 0,
}
/** Started by operate-receiver.test.ts. */
const elsewhere = /^ALERT_RECEIVER_TOKEN=\S+ SLACK_WEBHOOK_URL=\S+ npm run example:alerts$/
const toRun = commands.filter((command) => !elsewhere.test(command))
const programOf = (command: string) => /^(npx )?\S+/.exec(command)?.[0] ?? ''
const missing = Object.keys(there).filter((program) => !there[program])
const title = `the commands of docs/operations.md${missing.length > 0 ? ` (skipped: no ${missing.join(', no ')})` : ''}`

it('docs/operations.md has no command that is not run', () => {
  expect(toRun.length).toBeGreaterThan(12)
  for (const command of toRun) expect(Object.keys(there), command).toContain(programOf(command))
})

it('docs/operations.md shows pictures that are there, and small', async () => {
  const shown = [...page.matchAll(/!\[[^\]]{20,}\]\((images\/[\w-]+\.png)\)/g)]
  expect(shown.length).toBe(4)
  for (const [, path = ''] of shown) {
    const bytes = await readFile(join(root, 'docs', path))
    expect(bytes.subarray(1, 4).toString()).toBe('PNG')
    expect(bytes.length).toBeLessThan(150_000)
  }
})

describe.skipIf(missing.length > 0)(title, () => {
  const cleanUp: (() => Promise<unknown>)[] = []
  const token = 'a-token-of-this-test'
  let folder = ''
  let parts: { tokmesh: Child; listeners: Listeners; receiver: Receiver; alertmanager: Alertmanager } | undefined

  beforeAll(async () => {
    // In the repository, so that what `honoscope.config.mjs` imports is found.
    await mkdir(join(root, '.cache'), { recursive: true })
    folder = await mkdtemp(join(root, '.cache/operations-'))
    cleanUp.push(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
    for (const part of ['prometheus', 'alertmanager', 'kubernetes'])
      await cp(join(root, 'deploy', part), join(folder, 'deploy', part), { recursive: true })
    await mkdir(join(folder, 'deploy/prometheus/secrets'))
    for (const path of ['metrics-key', 'deploy/prometheus/secrets/tokmesh-metrics-key'])
      await writeFile(join(folder, path), metricsKey)
    await writeFile(join(folder, 'token'), token)
    const tokmesh = await startChild({
      TOKMESH_STORAGE_DATA_DIR: 'memory://',
      TOKMESH_BOOTSTRAP_METRICS_KEY: metricsKey,
    })
    cleanUp.push(() => tokmesh.kill('SIGKILL'))
    const listeners = await startListeners()
    cleanUp.push(listeners.stop)
    const told = { ALERT_RECEIVER_TOKEN: token, SLACK_WEBHOOK_URL: `${listeners.url}/slack` }
    const receiver = await startReceiver({ ...told, DATA_DIR: join(folder, 'data') })
    cleanUp.push(() => receiver.kill('SIGKILL'))
    const route = await readFile(join(root, 'deploy/alertmanager/alertmanager.yml'), 'utf8')
    const alertmanager = await startAlertmanager(folder, adaptAlertmanager(route, receiver.url, join(folder, 'token')))
    cleanUp.push(alertmanager.stop)
    await tokmesh.ready()
    parts = { tokmesh, listeners, receiver, alertmanager }
  })
  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step().catch(() => {})
  })

  async function run(command: string): Promise<string> {
    if (!parts) throw new Error('it was not started')
    const node = runtime === 'node' ? process.execPath : 'node'
    const here = command
      .replace('npx honoscope', `"${node}" "${join(root, 'packages/alerting/bin/honoscope.mjs')}"`)
      .replaceAll('http://127.0.0.1:5080', parts.tokmesh.url)
      .replaceAll('http://127.0.0.1:5090', parts.receiver.url)
      .replaceAll('http://127.0.0.1:9093', parts.alertmanager.url)
    const env = { PATH: process.env.PATH ?? '', HOME: folder, ALERT_RECEIVER_TOKEN: token }
    return (await promisify(execFile)('bash', ['-c', here], { env, cwd: folder, maxBuffer: 1e8 })).stdout
  }

  it('succeed, and the drill arrives in the chat', async () => {
    const answers = new Map<string, string>()
    const drilled = () =>
      parts?.listeners.at('/slack').some(({ body }) => body.text.includes('DrillOfTheWeek')) ?? false
    for (const command of toRun) {
      // From here on the page has a configuration of the reader's own.
      if (command.includes(' shop ')) await writeFile(join(folder, 'honoscope.config.mjs'), config)
      answers.set(command, await run(command))
      // Later on the page it is silenced.
      if (command.includes('alert query')) await until(drilled, 60_000)
    }
    const answer = (part: RegExp) => [...answers].find(([command]) => part.test(command))?.[1]
    expect(answer(/^npx honoscope check/)).toContain('no fault')
    expect(answer(/routes test/)?.trim()).toBe('page')
    expect(answer(/alert query/)).toContain('DrillOfTheWeek')
    expect(answer(/silence query/)).toContain('database upgrade, #4711')
    expect(JSON.parse(answer(/^curl/) ?? '')).toMatchObject({ dead: 0 })
    expect(answer(/kustomize/)).toContain('kind: PrometheusRule')
    const rules = await readFile(join(folder, 'rules/shop.yaml'), 'utf8')
    for (const alert of ['PaymentsFail', 'ShopAvailabilityBurnRateFast']) expect(rules).toContain(`alert: ${alert}`)
    await until(
      () => parts?.listeners.at('/slack').some(({ body }) => body.text.includes('DrillOfTheWeek')) ?? false,
      40_000,
    )
  })
})
