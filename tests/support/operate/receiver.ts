/** The example receiver as a process of its own, under the runtime of the test. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runtime } from '@honoscope/testing'
import { freePort } from '../../../apps/tokmesh/src/acceptance/child.ts'

const example = new URL('../../../examples/alert-receiver/', import.meta.url)
const built = fileURLToPath(new URL('dist/server.js', example))
const source = fileURLToPath(new URL('src/server.ts', example))

/** A running receiver. */
export interface Receiver {
  readonly url: string
  /** What it has written so far. */
  readonly output: () => string
  /** Its own metrics. */
  metrics(): Promise<string>
  /** Ends it and resolves to its exit code; `null` after a signal that it does not handle. */
  kill(signal: NodeJS.Signals): Promise<number | null>
}

/** The command that starts it. */
function ownCommand(): readonly string[] {
  if (runtime === 'node' && !existsSync(built)) throw new Error(`${built} is missing: run "npx tsc -b" first`)
  return [process.execPath, ...(runtime === 'node' ? [built] : ['--conditions=@honoscope/source', source])]
}

/** Starts it with nothing but this environment, and resolves when it is ready. Rejects with what it wrote when it ends. */
export async function startReceiver(
  environment: Readonly<Record<string, string>>,
  command: readonly string[] = ownCommand(),
): Promise<Receiver> {
  const port = environment.PORT ?? String(await freePort())
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    cwd: fileURLToPath(new URL('../../', example)),
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', PORT: port, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [output, ended] = ['', false]
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  void exited.then(() => {
    ended = true
  })
  const url = `http://127.0.0.1:${port}`
  while (!(await fetch(`${url}/health/ready`).catch(() => undefined))?.ok) {
    if (ended) throw new Error(`the receiver ended: ${output}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    output: () => output,
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    kill(signal) {
      child.kill(signal)
      return exited
    },
  }
}
