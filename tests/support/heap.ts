/** Bytes of the heap that are in use once everything that can be freed has been: what a leak adds to. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What of Bun's global is used here; tests are compiled with Node's types. */
interface BunLike {
  gc(synchronously: boolean): number
}

/** Collects garbage and returns the bytes that are left on the heap. */
export async function usedHeapBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 4; round++) {
    // Finalizers and promises that have settled give up what they hold only when the event loop turns.
    await new Promise((resolve) => setTimeout(resolve, 20))
    collect()
    least = Math.min(least, process.memoryUsage().heapUsed)
  }
  return least
}

const bun: BunLike | undefined =
  'Bun' in globalThis ? (globalThis as typeof globalThis & { Bun: BunLike }).Bun : undefined

function nodeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}

const collect: () => void = bun ? () => bun.gc(true) : nodeCollector()
