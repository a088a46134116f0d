import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runtime } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import { afterEach, describe, expect, it } from 'vitest'
import { type Child, freePort, startChild } from '../apps/tokmesh/src/acceptance/child.ts'
import { metricsKey } from '../apps/tokmesh/src/acceptance/support.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'honoscope-start-'))
  cleanUp.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** What a clone does not have. */
const notCloned = new Set(['.git', '.cache', 'node_modules', 'dist', 'data', 'coverage'])

/**
 * A copy of the repository as it is after `git clone` and `npm install`: nothing is built. The packages from outside
 * are links to those that are installed here; the workspace's own are the copy's.
 */
async function copyOfRepository(): Promise<string> {
  const copy = join(await newFolder(), 'honoscope')
  const isCloned = (path: string) => !notCloned.has(basename(path)) && !path.endsWith('.tsbuildinfo')
  await cp(root, copy, { recursive: true, filter: isCloned })
  const installed = join(root, 'node_modules')
  await mkdir(join(copy, 'node_modules', '@honoscope'), { recursive: true })
  for (const name of await readdir(installed)) {
    if (name !== '@honoscope') await symlink(join(installed, name), join(copy, 'node_modules', name))
  }
  for (const folder of [...(await readdir(join(copy, 'packages'))).map((name) => `packages/${name}`), 'apps/tokmesh']) {
    const { name } = JSON.parse(await readFile(join(copy, folder, 'package.json'), 'utf8'))
    await symlink(join(copy, folder), join(copy, 'node_modules', name))
  }
  // As old as can be: a lock file that is newer than what is installed means another install.
  await utimes(join(copy, 'package-lock.json'), 0, 0)
  return copy
}

interface Started {
  readonly url: string
  readonly process: ChildProcess
  readonly output: () => string
  readonly exited: Promise<number | null>
}

/** Runs an npm script in a folder, as from a shell: none of the variables of the npm that runs these tests. */
async function npmRun(folder: string, script: readonly string[]): Promise<Started> {
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn('npm', script, {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      npm_config_update_notifier: 'false',
      TOKMESH_SERVER_HTTP_ADDRESS: address,
      TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s',
    },
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
  const exited = once(child, 'close').then(([code]) => code as number | null)
  return { url: `http://${address}`, process: child, output: () => output, exited }
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

/** Waits for `/ready` to say so; throws what the process has written when it ends before. */
async function untilReady({ url, exited, output }: Started): Promise<void> {
  let ended = false
  void exited.then(() => {
    ended = true
  })
  while (!ended) {
    const answer = await fetch(`${url}/ready`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the process ended: ${output()}`)
}

/** Resident memory of a process in bytes, as Linux tells it. */
async function residentBytes(pid: number): Promise<number> {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) * 1024
}

/**
 * How long a process would have run but for others that had the processors, in milliseconds: its busiest thread's time in
 * the queue of Linux's scheduler. On an idle machine next to nothing; elsewhere than on Linux nobody tells.
 */
async function waitedMs(pid: number): Promise<number> {
  const folder = `/proc/${pid}/task`
  const threads = await readdir(folder).catch(() => [])
  const lines = await Promise.all(threads.map((id) => readFile(`${folder}/${id}/schedstat`, 'utf8').catch(() => '0 0')))
  const [busiest] = lines.map((line) => line.split(' ').map(Number)).sort(([a = 0], [b = 0]) => b - a)
  return (busiest?.[1] ?? 0) / 1e6
}

const script = runtime === 'bun' ? ['run', 'start:bun'] : ['start']

describe(`npm ${script.join(' ')}, as its user sees it`, () => {
  it('builds what is missing, answers where it is told to, keeps its data, and ends with 0 on SIGTERM', async () => {
    const folder = await copyOfRepository()
    const first = await npmRun(folder, script)
    await untilReady(first)
    const [, metricsKey = ''] = /^bootstrap metrics key: (\S+)$/m.exec(first.output()) ?? []
    const scrape = await fetch(`${first.url}/metrics`, { headers: { authorization: `Bearer ${metricsKey}` } })
    expect(scrape.status).toBe(200)
    expect(await scrape.text()).toContain('\ntokmesh_session_create_total 0\n')
    const folders = await readdir(folder)
    expect(folders).toContain('data')
    expect(existsSync(join(folder, 'packages', 'core', 'dist'))).toBe(runtime === 'node')
    first.process.kill('SIGTERM')
    expect(await first.exited, first.output()).toBe(0)
    await expect(fetch(first.url)).rejects.toThrow()

    const second = await npmRun(folder, script)
    await untilReady(second)
    const again = await fetch(`${second.url}/metrics`, { headers: { authorization: `Bearer ${metricsKey}` } })
    expect(again.status).toBe(200)
    expect(second.output()).not.toContain('bootstrap')
    second.process.kill('SIGTERM')
    expect(await second.exited, second.output()).toBe(0)
  }, 240_000)
})

describe('the server process', () => {
  const start = async (environment: Readonly<Record<string, string>>): Promise<Child> => {
    const child = await startChild(environment)
    cleanUp.push(() => child.kill('SIGKILL'))
    return child
  }

  it('is ready in less than 5 s on a new embedded database', async () => {
    const times: number[] = []
    while (times.length < 3 && !times.some((ms) => ms < 5000)) {
      const startedAt = performance.now()
      const child = await start({ TOKMESH_STORAGE_DATA_DIR: await newFolder() })
      await child.ready()
      const elapsedMs = performance.now() - startedAt
      times.push(elapsedMs - (await waitedMs(child.process.pid ?? 0)))
      await child.kill('SIGKILL')
    }
    expect(Math.min(...times), `milliseconds: ${times.map(Math.round).join(', ')}`).toBeLessThan(5000)
    expect(Math.min(...times)).toBeGreaterThan(0)
  }, 240_000)

  it.skipIf(process.platform !== 'linux')(
    `takes less than 512 MB when idle on PostgreSQL${process.platform === 'linux' ? '' : ' (skipped: only Linux tells)'}`,
    async () => {
      const database = await testDatabase()
      cleanUp.push(() => database.drop())
      const child = await start({ DATABASE_URL: database.url, TOKMESH_BOOTSTRAP_METRICS_KEY: metricsKey })
      await child.ready()
      // Its background work has run by then: ten sweeps, and a scrape.
      await new Promise((resolve) => setTimeout(resolve, 1000))
      const { text } = await child.call('GET', '/metrics', { key: metricsKey })
      const told = Number(/^tokmesh_mem_usage_bytes (\S+)$/m.exec(text)?.[1])
      const bytes = await residentBytes(child.process.pid ?? 0)
      expect(bytes).toBeGreaterThan(10 * 1024 ** 2)
      expect(bytes).toBeLessThan(512 * 1024 ** 2)
      expect(told / bytes).toBeGreaterThan(0.5)
      expect(told / bytes).toBeLessThan(2)
    },
    120_000,
  )
})
