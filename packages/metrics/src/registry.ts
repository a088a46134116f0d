import { Registry } from 'prom-client'
import type { Family, Sample } from './family.ts'

// The only file that imports prom-client: its successor needs Node 22, and this is what there is to change then.
export type { Registry } from 'prom-client'

const familyKey: unique symbol = Symbol('@honoscope/metrics family')

/** What a registry holds: prom-client's own metrics, and ours in the same shape. */
export interface Registered {
  readonly name: string
  readonly help: string
  readonly type: unknown
  readonly [familyKey]?: Family
}

/** Values of a metric that is not ours, as `get()` of prom-client gives them. */
export interface ForeignValues {
  readonly name: string
  readonly help: string
  readonly type: unknown
  readonly values?: readonly ForeignSample[]
}

/** @see ForeignValues */
export interface ForeignSample extends Sample {
  readonly exemplar?: {
    readonly labelSet: Readonly<Record<string, unknown>>
    readonly value: number
    /** Seconds since the epoch. */
    readonly timestamp?: number
  } | null
}

/** Returns a new registry of prom-client, never its global one. */
export function createRegistry(): Registry {
  return new Registry()
}

/** Every metric of a registry, in the order in which they were made. */
export function registeredMetrics(registry: Registry): Registered[] {
  return registry.getMetricsAsArray()
}

/** Our metric behind what the registry holds; `undefined` for one of prom-client. */
export function familyOf(metric: Registered): Family | undefined {
  return metric[familyKey]
}

/** Asks a metric of prom-client for its values; runs its `collect()`. */
export function foreignValues(metric: Registered): Promise<ForeignValues> {
  const { get } = metric as { get?: () => Promise<ForeignValues> }
  return get === undefined ? Promise.resolve({ ...metric, values: [] }) : get.call(metric)
}

/** Asks the registry for the labels of `setDefaultLabels()`: it has no getter, but it writes them to every sample. */
export async function defaultLabels(registry: Registry): Promise<Record<string, string>> {
  const { getMetricsAsString } = registry as { getMetricsAsString?: (metric: object) => Promise<string> }
  const probe = { get: async () => ({ name: 'probe', help: '-', type: 'gauge', values: [{ value: 0, labels: {} }] }) }
  const text = (await getMetricsAsString?.call(registry, probe)) ?? ''
  const pairs = text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)
  const unescaped = (value: string): string => value.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))
  return Object.fromEntries([...pairs].map(([, name = '', value = '']) => [name, unescaped(value)]))
}

/**
 * Puts a metric of ours into the registry, with all that its own `metrics()`, `getMetricsAsJSON()` and
 * `resetMetrics()` ask of a metric.
 */
export function register(registry: Registry, family: Family): void {
  const openMetrics = (): boolean => `${registry.contentType}`.startsWith('application/openmetrics-text')
  // Rendering OpenMetrics, prom-client adds `_total` to what `get()` calls the metric.
  const nameThere = (): string => (openMetrics() && family.type === 'counter' ? family.name.slice(0, -6) : family.name)
  const metric = {
    get name(): string {
      return family.name
    },
    // It also assigns the stripped name to the metric, where it would stay for the next scrape in the other format.
    set name(_stripped: string) {},
    help: family.help,
    type: family.type,
    aggregator: 'sum',
    labelNames: family.labelNames,
    async get() {
      await family.collect?.()
      const snapshot = family.snapshot()
      const values = Array.from({ length: snapshot.children }, (_, child) => snapshot.samples(child)).flat()
      return { name: nameThere(), help: family.help, type: family.type, values, aggregator: 'sum' }
    },
    reset: () => family.reset(),
    [familyKey]: family,
  }
  const sink: { registerMetric(metric: { reset(): void }): void } = registry
  sink.registerMetric(metric)
}

/**
 * Refuses a name that would clash with a metric that is there already: the same name, or one of the names that its
 * samples or its OpenMetrics family have.
 *
 * @throws TypeError that names both.
 */
export function checkFree(registry: Registry, name: string, type: string): void {
  const wanted = occupied(name, type)
  for (const other of registeredMetrics(registry)) {
    const clash = occupied(other.name, String(other.type)).find((taken) => wanted.includes(taken))
    if (other.name === name) throw new TypeError(`metric ${name}: there is one with this name already`)
    if (clash !== undefined) throw new TypeError(`metric ${name}: ${clash} would clash with ${other.name}`)
  }
}

const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ['', '_total', '_created'],
  histogram: ['', '_bucket', '_sum', '_count', '_created'],
  summary: ['', '_sum', '_count', '_created'],
}

function occupied(name: string, type: string): string[] {
  const family = type === 'counter' ? name.replace(/_total$/, '') : name
  return (suffixes[type] ?? ['']).map((suffix) => family + suffix)
}
