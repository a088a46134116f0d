import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runtime } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = await readFile(join(root, 'README.md'), 'utf8')

/** A command of the page, with the answer that stands below it, if one does. */
interface Step {
  readonly command: string
  readonly answer: string | undefined
}

/** The shell blocks, command by command. Only the last command of a block can have an answer. */
const steps: readonly Step[] = [
  ...page.matchAll(/^```sh\n([\s\S]*?)^```\n(?:\n```(?:json|text)\n([\s\S]*?)^```\n)?/gm),
].flatMap(([, block = '', answer]) => {
  const commands = block.trim().split('\n')
  return commands.map((command, i) => ({ command, answer: i === commands.length - 1 ? answer?.trim() : undefined }))
})

const hasCurl = ((): boolean => {
  try {
    execFileSync('curl', ['--version'])
    return true
  } catch {
    return false
  }
})()

const running: ChildProcess[] = []
afterEach(async () => {
  for (const child of running.splice(0)) {
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGTERM')
    await ended
  }
})

/** Starts the service as the page says, on a port and in a folder of its own; resolves when it is ready. */
async function start(command: string, environment: Readonly<Record<string, string>>) {
  const port = await freePort()
  const address = `127.0.0.1:${port}`
  const [program = '', ...args] = command.split(' ')
  const own = { TOKMESH_SERVER_HTTP_ADDRESS: address, TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s' }
  const child = spawn(program === 'bun' ? process.execPath : program, args, {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...own, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk
    })
  }
  const deadline = Date.now() + 90_000
  for (;;) {
    const ready = await fetch(`http://${address}/ready`).catch(() => undefined)
    if (ready?.ok) return { address, keys: (role: string) => keyIn(output, role) }
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`${command} did not start: ${output}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function keyIn(output: string, role: string): string {
  return new RegExp(`^bootstrap ${role} key: (\\S+)$`, 'm').exec(output)?.[1] ?? ''
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

/** Runs a command of the page in a shell. */
async function shell(command: string, address: string, variables: Readonly<Record<string, string>>): Promise<string> {
  const env = { PATH: process.env.PATH ?? '', ...variables }
  const local = command.replaceAll('127.0.0.1:5080', address)
  const { stdout } = await promisify(execFile)('bash', ['-c', local], { env })
  return stdout.trim()
}

/** An answer with what differs each time (ids, tokens, times, curl's version) replaced by its kind. */
function kindOf(answer: string): string {
  return answer
    .replaceAll(/(tmss|tmak)-[0-9a-z]{26}/g, '$1-…')
    .replaceAll(/(tmtk_|tmas_|req-)[A-Za-z0-9_-]+/g, '$1…')
    .replaceAll(/\b\d{13}\b/g, '<ms>')
    .replaceAll(/curl\/[\d.]+/g, 'curl/…')
}

const startCommand = runtime === 'bun' ? 'bun run start:bun' : 'npm start'

describe('the README', () => {
  beforeAll(() => {
    expect(steps.length).toBeGreaterThan(10)
  })

  it('has no command that is not run here', () => {
    // `npm test` runs this test, and `.ci/run` runs `npm test`; `bun install` is tried on a fresh clone only, and
    // `npm run cluster` by command.cluster.test.ts.
    const known =
      /^(npm start|curl |export |DATABASE_URL=\S+ npm start|bun install|bun run start:bun|npm test|npm run cluster$)/
    for (const { command } of steps) expect(command).toMatch(known)
  })

  it('shows the keys as they are printed', () => {
    const shown = [...page.matchAll(/^bootstrap (\w+) key: tmak-[0-7][0-9a-hjkmnp-tv-z]{25}:tmas_[0-9A-Za-z]{43}$/gm)]
    expect(shown.map(([, role]) => role)).toEqual(['admin', 'metrics'])
  })

  it.skipIf(!hasCurl)(
    `shows what its commands answer, after ${startCommand}${hasCurl ? '' : ' (skipped: no curl)'}`,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tokmesh-readme-'))
      const { address, keys } = await start(startCommand, { TOKMESH_STORAGE_DATA_DIR: folder })
      const variables: Record<string, string> = { ADMIN: keys('admin'), METRICS: keys('metrics') }
      let answered = 0
      for (const { command, answer } of steps.filter(({ command }) => command.startsWith('curl'))) {
        const got = await shell(command, address, variables)
        expect(kindOf(got), command).toBe(kindOf(answer ?? 'no answer is shown'))
        const created = /"session_id":"([^"]+)","token":"([^"]+)"/.exec(got)
        if (created) Object.assign(variables, { SESSION: created[1], TOKEN: created[2] })
        answered++
      }
      expect(answered).toBe(5)
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  )

  it(`puts PostgreSQL under ${startCommand} with one variable`, async () => {
    const step = steps.find(({ command }) => command.startsWith('DATABASE_URL='))
    expect(step?.command).toMatch(/^DATABASE_URL=postgres:\/\/\S+ npm start$/)
    const keys = steps.find(({ command }) => command.includes('TOKMESH_BOOTSTRAP_ADMIN_KEY'))
    expect(keys?.command).toContain('TOKMESH_BOOTSTRAP_METRICS_KEY')
    const admin = /^export ADMIN='(\S+)'$/m.exec(page)?.[1] ?? ''
    const database = await testDatabase()
    try {
      const environment = { DATABASE_URL: database.url, TOKMESH_BOOTSTRAP_ADMIN_KEY: admin }
      const { address } = await start(startCommand, environment)
      const headers = { Authorization: `Bearer ${admin}`, 'Content-Type': 'application/json' }
      const created = await fetch(`http://${address}/sessions`, { method: 'POST', headers, body: '{"user_id":"ada"}' })
      expect(created.status).toBe(201)
      await created.arrayBuffer()
    } finally {
      await Promise.all(
        running.splice(0).map((child) => new Promise((end) => child.once('close', end) && child.kill())),
      )
      await database.drop()
    }
  })
})
