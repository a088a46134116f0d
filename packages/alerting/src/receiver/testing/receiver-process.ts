import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { runtime } from '@honoscope/testing'
import { token } from './payload.ts'

/** A receiver in a process of its own, of this runtime: built under Node, from its source under Bun. */
export interface ReceiverProcess {
  /** Where it listens; another after each start. */
  readonly url: string
  /** Ends it with SIGKILL, and resolves when it has ended. */
  kill(): Promise<void>
}

/** Starts one, and resolves when it listens. */
export async function startReceiver(databaseUrl: string, pagerUrl: string): Promise<ReceiverProcess> {
  const built = fileURLToPath(new URL('../../../dist/receiver/store/drizzle/index.js', import.meta.url))
  if (runtime === 'node' && !existsSync(built)) throw new Error(`${built} is missing: run npm run build first`)
  const script = fileURLToPath(new URL('burst-child.mjs', import.meta.url))
  const flags = runtime === 'bun' ? ['--conditions=@honoscope/source'] : []
  const child: ChildProcess = spawn(process.execPath, [...flags, script, databaseUrl, pagerUrl, token], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.stdout === null) throw new Error('the receiver did not start')
  // Should this process fail, it must not leave a receiver behind.
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const closed = once(child, 'close')
  const [url] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    closed.then(() => Promise.reject(new Error('the receiver ended before it listened'))),
  ])
  return {
    url: String(url),
    async kill() {
      process.off('exit', kill)
      child.kill('SIGKILL')
      await closed
    },
  }
}
