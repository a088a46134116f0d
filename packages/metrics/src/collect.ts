import type { Family, Snapshot } from './family.ts'
import { foreignSnapshot } from './foreign.ts'
import { familyOf, foreignValues, type Registered } from './registry.ts'

/** One metric of a scrape. */
export interface Part {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly labelNames: readonly string[]
  readonly snapshot: () => Snapshot
}

/** Brings the metrics up to date for a scrape. */
export interface Collector {
  /** Runs what has to run, side by side, and leaves out what throws or does not end in time. Never rejects. */
  collect(metrics: readonly Registered[]): Promise<Part[]>
}

/** What {@link createCollector} needs to know. */
export interface CollectorOptions {
  readonly timeoutMs: number
  /** A metric was left out. */
  readonly onFailure: (metric: string) => void
}

interface Running {
  readonly startedAt: number
  readonly part: Promise<Part>
}

/** Makes the collector of one catalogue. Scrapes that overlap share the runs that are under way. */
export function createCollector({ timeoutMs, onFailure }: CollectorOptions): Collector {
  const running = new WeakMap<Registered, Running>()

  const run = (metric: Registered): Part | Running => {
    const known = running.get(metric)
    if (known !== undefined) return known
    const part = runOne(metric)
    if (!(part instanceof Promise)) return part
    const started = { startedAt: performance.now(), part: part.finally(() => running.delete(metric)) }
    // Nobody may be waiting any more when it fails.
    started.part.catch(() => undefined)
    running.set(metric, started)
    return started
  }

  const partOf = async (metric: Registered): Promise<Part | undefined> => {
    try {
      const started = run(metric)
      if (!('part' in started)) return started
      return await within(started.part, started.startedAt + timeoutMs - performance.now())
    } catch {
      onFailure(metric.name)
      return undefined
    }
  }

  return {
    async collect(metrics) {
      const parts = metrics.map((metric) => {
        const family = familyOf(metric)
        return family && family.collect === undefined ? livePart(family) : partOf(metric)
      })
      return (await Promise.all(parts)).filter((part) => part !== undefined)
    },
  }
}

/** A metric that needs no collecting is read when its turn comes to be written. */
function livePart(family: Family): Part {
  return { ...header(family), snapshot: family.snapshot }
}

/** A collected metric is copied as soon as its collector is done: the next scrape's may reset it while this one writes. */
function runOne(metric: Registered): Part | Promise<Part> {
  const family = familyOf(metric)
  if (family === undefined) return foreignPart(metric)
  const collected = family.collect?.()
  return collected instanceof Promise ? collected.then(() => copiedPart(family)) : copiedPart(family)
}

function copiedPart(family: Family): Part {
  const snapshot = family.snapshot()
  return { ...header(family), snapshot: () => snapshot }
}

async function foreignPart(metric: Registered): Promise<Part> {
  const values = await foreignValues(metric)
  const snapshot = foreignSnapshot(values)
  const labelNames = [...new Set(values.values?.flatMap(({ labels }) => Object.keys(labels ?? {})))]
  return { name: values.name, help: values.help, type: String(values.type), labelNames, snapshot: () => snapshot }
}

function header({ name, help, type, labelNames }: Family): Omit<Part, 'snapshot'> {
  return { name, help, type, labelNames }
}

/** Waits for `promise`, but not longer than `ms`. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the collector did not end in time')), Math.max(0, ms))
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
