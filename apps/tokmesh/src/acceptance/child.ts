/** The service as a process of its own, under the runtime of the test. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { runtime } from '@honoscope/testing'
import { type Call, caller, cheapArgon2, pause } from './support.ts'

/** A process that was started. */
export interface Child {
  readonly url: string
  readonly port: number
  readonly call: Call
  readonly process: ChildProcess
  /** What it has written so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Its exit code; `null` after a signal. */
  readonly exited: Promise<number | null>
  /** Resolves when `/ready` says so; rejects with what it wrote when it ends instead. */
  ready(): Promise<void>
  kill(signal: NodeJS.Signals): Promise<number | null>
}

const source = fileURLToPath(new URL('../server.ts', import.meta.url))
const built = fileURLToPath(new URL('../../dist/server.js', import.meta.url))

/**
 * Starts the service with nothing but this environment and these flags, on a free port unless the former names one.
 * `preload` is the path of a module that the process loads before all else.
 */
export async function startChild(
  environment: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
  preload?: string,
): Promise<Child> {
  if (runtime === 'node' && !existsSync(built)) throw new Error(`${built} is missing: run "npx tsc -b" first`)
  const port = Number(environment.TOKMESH_SERVER_HTTP_ADDRESS?.split(':')[1]) || (await freePort())
  const args = runtime === 'node' ? [built] : ['--conditions=@honoscope/source', source]
  const first = preload === undefined ? [] : [runtime === 'node' ? '--import' : '--preload', preload]
  const child = spawn(process.execPath, [...first, ...args, ...flags], {
    env: {
      ...{ PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
      ...{ ...cheapArgon2, TOKMESH_SERVER_HTTP_ADDRESS: `127.0.0.1:${port}` },
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  let ended = false
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  void exited.then(() => {
    ended = true
  })
  const url = `http://127.0.0.1:${port}`
  return {
    ...{ url, port, call: caller(url), process: child, exited },
    stdout: () => out,
    stderr: () => err,
    async ready() {
      while (!ended) {
        const answer = await fetch(`${url}/ready`).catch(() => undefined)
        if (answer?.ok) return
        await pause(50)
      }
      throw new Error(`the process ended: ${out}${err}`)
    },
    kill(signal) {
      child.kill(signal)
      return exited
    },
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
