import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expositionFaults, runtime, samplesOf } from '@honoscope/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../apps/tokmesh/src/acceptance/child.ts'
import { catalogueRows, comparable, exposedRows } from '../packages/ai-metrics-compat/test/catalogue-tables.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

interface Example {
  readonly url: string
  readonly process: ChildProcess
  readonly output: () => string
  readonly exited: Promise<number | null>
  post(path: string, body: unknown, method?: string): Promise<Response>
  text(path: string): Promise<string>
}

/** Starts an example as its npm script does, and waits until it is ready. */
async function startExample(name: string): Promise<Example> {
  const port = await freePort()
  const script = runtime === 'bun' ? `example:${name}:bun` : `example:${name}`
  const child = spawn('npm', ['run', '--silent', script], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), npm_config_update_notifier: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: whatever a failed test leaves behind ends with it.
    detached: true,
  })
  cleanUp.push(() => endGroup(child))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  let ended = false
  const exited = once(child, 'close').then(([code]) => {
    ended = true
    return code as number | null
  })
  const url = `http://127.0.0.1:${port}`
  while (!ended) {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined)
    if (answer?.ok) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  if (ended) throw new Error(`the example ended: ${output}`)
  return {
    url,
    process: child,
    output: () => output,
    exited,
    post: (path, body, method = 'POST') =>
      fetch(url + path, { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    text: async (path) => (await fetch(url + path)).text(),
  }
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

/** Sum of a family's samples whose labels are these. */
function total(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  return samplesOf(text)
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0)
}

async function stops({ process, exited, output }: Example): Promise<void> {
  process.kill('SIGTERM')
  expect(await exited, output()).toBe(0)
}

const rowsOf = (prefix: string) => catalogueRows().filter(({ name }) => name.startsWith(prefix))

describe('npm run example:iac', () => {
  it('shows every iac_* family of the catalogue with its type, labels and buckets', async () => {
    const example = await startExample('iac')
    const answer = await example.post('/tasks', { pool: 'pool-1', type: 'drift_check' })
    expect(answer.status).toBe(202)
    const { id } = (await answer.json()) as { id: number }
    while (!(await example.text(`/tasks/${id}`)).includes('drifted'))
      await new Promise((resolve) => setTimeout(resolve, 20))
    expect((await example.post('/pools/pool-1', { connected: 3 }, 'PUT')).status).toBe(204)
    expect((await example.post('/login', { password: 'x' })).status).toBe(200)
    expect((await example.post('/login', {})).status).toBe(401)
    expect((await example.post('/forms', {})).status).toBe(200)
    // What is no body, or no task, is not the server's fault.
    expect((await example.post('/login', null)).status).toBe(401)
    expect((await fetch(`${example.url}/tasks/99999999999`)).status).toBe(404)

    const text = await example.text('/metrics')
    expect(expositionFaults(text)).toEqual([])
    const extras = /^iac_(db_query_errors_total|process_|nodejs_|bun_)/
    const exposed = exposedRows(text, 'iac_').filter(({ name }) => !extras.test(name))
    expect(comparable(exposed)).toEqual(comparable(rowsOf('iac_')))
    expect(total(text, 'iac_workspace_tasks_total', { type: 'drift_check', status: 'drifted' })).toBe(1)
    expect(total(text, 'iac_agent_tasks_completed_total', { pool_id: 'pool-1' })).toBe(1)
    expect(total(text, 'iac_db_queries_total', { operation: 'create', table: 'tasks' })).toBe(1)
    expect(total(text, 'iac_http_requests_total', { method: 'POST', route: '/login', status_code: '401' })).toBe(2)
    expect(total(text, 'iac_db_connections_max')).toBe(1)
    await stops(example)
  }, 180_000)
})

describe('npm run example:chat2sql', () => {
  it('shows every chat2sql_* family of the catalogue with its type, labels and buckets', async () => {
    const example = await startExample('chat2sql')
    const ask = async (question: string) => {
      const answer = await example.post('/ask', { question })
      return { status: answer.status, body: await answer.json() }
    }
    const counted = { sql: 'select count(*)::int as orders from orders', rows: [{ orders: 2 }] }
    expect(await ask('How many orders are there?')).toEqual({ status: 200, body: counted })
    expect(await ask('Remove all orders')).toEqual({
      status: 403,
      body: { sql: 'delete from orders', error: 'rejected' },
    })
    // A read-only transaction alone would let it write the file.
    expect((await ask('Save all orders')).status).toBe(403)
    expect((await ask('What does it cost?')).status).toBe(422)
    expect((await ask('Who is there?')).status).toBe(502)
    expect(await ask('How many orders are there?')).toEqual({ status: 200, body: counted })
    expect((await example.post('/feedback', { right: true })).status).toBe(204)
    for (const path of ['/ask', '/feedback'])
      for (const body of [null, 5, {}]) expect((await example.post(path, body)).status).toBe(400)

    const text = await example.text('/metrics')
    expect(expositionFaults(text)).toEqual([])
    expect(comparable(exposedRows(text, 'chat2sql_'))).toEqual(comparable(rowsOf('chat2sql_')))
    expect(total(text, 'chat2sql_query_total', { query_type: 'select', status: 'success' })).toBe(2)
    expect(total(text, 'chat2sql_query_total', { query_type: 'delete', status: 'rejected' })).toBe(1)
    expect(total(text, 'chat2sql_query_total', { query_type: 'select', status: 'error' })).toBe(1)
    expect(total(text, 'chat2sql_ai_inference_duration_seconds_count', { model_name: 'fake-sql' })).toBe(4)
    expect(total(text, 'chat2sql_query_total', { query_type: 'other', status: 'rejected' })).toBe(1)
    expect(total(text, 'gen_ai_client_operation_duration_seconds_count', { error_type: 'unknown_question' })).toBe(1)
    expect(total(text, 'chat2sql_cache_hit_rate')).toBeCloseTo(1 / 6)
    expect(total(text, 'chat2sql_ai_accuracy_rate', { time_window: '24h' })).toBe(1)
    expect(total(text, 'chat2sql_db_connections_active')).toBe(0)
    expect(total(text, 'gen_ai_client_token_usage_sum')).toBeGreaterThan(0)
    expect(example.output()).toContain('"event":"security_event"')
    expect(example.output()).not.toMatch(/from orders|How many|\/tmp\/orders/)
    await stops(example)
  }, 180_000)
})

it('an example that does not exist is a sentence', async () => {
  const child = spawn(process.versions.bun === undefined ? process.execPath : 'node', ['scripts/example.mjs', 'none'], {
    cwd: root,
  })
  let output = ''
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const [code] = await once(child, 'close')
  expect([code, output]).toEqual([1, 'There is no example "none".\n'])
  expect(existsSync(join(root, 'examples', 'none'))).toBe(false)
}, 60_000)
