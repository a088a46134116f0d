import { setTimeout as pause } from 'node:timers/promises'

/** Resolves when `holds` does, looking again every few milliseconds; rejects after `timeoutMs`. Default: 20,000. */
export async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const startedAt = performance.now()
  while (!(await holds())) {
    if (performance.now() - startedAt > timeoutMs)
      throw new Error(`it did not come to hold in ${timeoutMs} ms: ${holds}`)
    await pause(20)
  }
}
