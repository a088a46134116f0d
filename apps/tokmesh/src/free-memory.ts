import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What of Bun's global is used here; this app is compiled with Node's types. */
interface BunGlobal {
  readonly Bun: { gc(force: boolean): number }
}

/**
 * Collects the garbage of this process at once and returns by how many bytes its resident memory is smaller; 0 when
 * it isn't. It stops the process for as long as that takes, some ten milliseconds for a heap of 100 MB.
 */
export function freeMemory(): number {
  const before = process.memoryUsage.rss()
  collectGarbage()
  return Math.max(0, before - process.memoryUsage.rss())
}

function collectGarbage(): void {
  if ('Bun' in globalThis) {
    ;(globalThis as unknown as BunGlobal).Bun.gc(true)
    return
  }
  // Node shows its collector only to those who ask for it; a context made after that has it.
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  setFlagsFromString('--no-expose-gc')
}
