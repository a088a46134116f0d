import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import type { Catalogue } from '@honoscope/core'

/** Registers what this process uses of the machine: CPU, memory, and the memory that it may use. */
export function processMetrics(metrics: Catalogue, memoryBytes: () => number): void {
  const cpu = cpuMeter()
  metrics.gauge({
    name: 'cpu_usage_ratio',
    help: 'CPU time used by the process, as a share of all cores available to it, since the last look.',
    collect: (gauge) => gauge.set(cpu()),
  })
  metrics.gauge({
    name: 'mem_usage_bytes',
    help: 'Resident memory of the process.',
    collect: (gauge) => gauge.set(memoryBytes()),
  })
  metrics.gauge({
    name: 'mem_limit_bytes',
    help: 'Memory that the process may use: the limit of its cgroup, or the memory of the host.',
    collect: (gauge) => gauge.set(memoryLimit()),
  })
}

/** Two scrapers at once must not see the noise of a few milliseconds. */
const leastWindowMs = 1000

function cpuMeter(): () => number {
  let last = { at: performance.now(), ...process.cpuUsage() }
  let ratio = 0
  return () => {
    const now = { at: performance.now(), ...process.cpuUsage() }
    const elapsedMs = now.at - last.at
    if (elapsedMs < leastWindowMs) return ratio
    const usedMs = (now.user - last.user + now.system - last.system) / 1000
    ratio = Math.min(1, usedMs / (elapsedMs * availableParallelism()))
    last = now
    return ratio
  }
}

/** The lowest of the host's memory and the limits of cgroup version 2 and 1. */
function memoryLimit(): number {
  const files = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']
  return Math.min(totalmem(), ...files.map(readLimit))
}

function readLimit(file: string): number {
  try {
    // `max` stands for no limit, and is no number.
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
