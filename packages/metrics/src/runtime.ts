import type { Catalogue } from '@honoscope/core'
import { watchDelay } from './event-loop-delay.ts'
import { registerProcess } from './process.ts'
import { registerNode } from './runtime.node.ts'

/**
 * Adds the metrics of the runtime that this runs under: `process_*`, and `nodejs_*` or `bun_*`. What a runtime can't
 * tell is absent: Bun reports no GC pauses, no utilisation, no active resources and no true heap limit.
 * Elsewhere (Workers) there are none. Returns what stops the timers and observers.
 */
export function registerRuntime(catalogue: Catalogue): () => void {
  const host = globalThis.process
  const isBun = 'Bun' in globalThis
  if (typeof host?.memoryUsage !== 'function') return () => {}
  const prefix = isBun ? 'bun_' : 'nodejs_'
  registerVersion(catalogue, prefix, isBun ? (host.versions.bun ?? '') : host.version)
  registerProcess(catalogue, host)
  registerHeap(catalogue, prefix, host)
  const stopDelay = watchDelay(catalogue, prefix)
  const stopNode = isBun ? () => {} : registerNode(catalogue, host)
  return () => {
    stopDelay()
    stopNode()
  }
}

function registerVersion(catalogue: Catalogue, prefix: string, version: string): void {
  const labels = { version: [version] }
  const help = 'Always 1; the label tells the version of the runtime.'
  catalogue.gauge({ name: 'version_info', prefix, help, labels }).set({ version }, 1)
}

function registerHeap(catalogue: Catalogue, prefix: string, host: NodeJS.Process): void {
  const gauge = (name: string, help: string, read: (usage: NodeJS.MemoryUsage) => number): void => {
    catalogue.gauge({ name, prefix, help, collect: (self) => self.set(read(host.memoryUsage())) })
  }
  gauge('heap_size_total_bytes', 'Bytes that the JavaScript heap has taken.', (usage) => usage.heapTotal)
  gauge('heap_size_used_bytes', 'Bytes of the JavaScript heap that are in use.', (usage) => usage.heapUsed)
  gauge('external_memory_bytes', 'Bytes outside of the heap that its objects hold.', (usage) => usage.external)
}
