import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A running `child.ts`. */
export interface Child {
  readonly pid: number
  /** What it has printed so far. */
  readonly lines: readonly string[]
  /** Resolves when `test` holds for the lines, rejects when the process ends before. */
  until(test: (lines: readonly string[]) => boolean): Promise<void>
  /** Ends it with SIGKILL, and resolves when all that it had printed has arrived. */
  kill(): Promise<void>
  /** Resolves when it has ended by itself. */
  ended(): Promise<void>
}

/** Starts `child.ts` in a process of the same runtime: built under Node, from its source under Bun. */
export function spawnChild(...args: readonly string[]): Child {
  const bun = 'Bun' in globalThis
  const script = fileURLToPath(new URL(bun ? 'child.ts' : '../../dist/testing/child.js', import.meta.url))
  if (!existsSync(script)) throw new Error(`${script} is missing: run npm run build first`)
  const flags = bun ? ['--conditions=@honoscope/source'] : []
  const child: ChildProcess = spawn(process.execPath, [...flags, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  let look = () => {}
  const closed = once(child, 'close')
  if (child.stdout === null || child.pid === undefined) throw new Error('the child did not start')
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    look()
  })
  return {
    pid: child.pid,
    lines,
    until: (test) =>
      new Promise((resolve, reject) => {
        look = () => test(lines) && resolve()
        look()
        closed.then(() => reject(new Error(`the child ended: ${lines.slice(-3).join(' | ')}`)))
      }),
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
    async ended() {
      await closed
    },
  }
}
