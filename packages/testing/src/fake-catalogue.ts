import type { Catalogue, Counter, CounterOptions, Gauge, GaugeOptions, LabelSpec } from '@honoscope/core'

/** A catalogue that keeps what is recorded, to be asked by metric and label values. */
export interface FakeCatalogue extends Catalogue {
  /** Collects as a scrape does and returns one series, its label values joined by `/`; `undefined` if it has no value yet. */
  value(name: string, labels?: string): Promise<number | undefined>
  /** The label values of each observation of a histogram, joined by `/`, in their order. */
  observed(name: string): readonly string[]
}

/** Returns one without metrics. Names are kept without a prefix. */
export function fakeCatalogue(): FakeCatalogue {
  const series = new Map<string, number>()
  const observations = new Map<string, string[]>()
  const collectors = new Map<string, () => unknown>()

  /** Splits what a recording method was given: the labels, if any, and the number behind them. */
  function parse(name: string, args: readonly unknown[]): { readonly key: string; readonly value: number | undefined } {
    const [first, second] = args
    const labelled = typeof first === 'object' && first !== null
    const value = labelled ? second : first
    return {
      key: `${name} ${labelled ? Object.values(first).join('/') : ''}`,
      value: typeof value === 'number' ? value : undefined,
    }
  }
  const set = (name: string, args: readonly unknown[]): void => {
    const { key, value } = parse(name, args)
    series.set(key, value ?? 0)
  }
  const add = (name: string, args: readonly unknown[], sign = 1): void => {
    const { key, value } = parse(name, args)
    series.set(key, (series.get(key) ?? 0) + sign * (value ?? 1))
  }
  const observe = (name: string, args: readonly unknown[]): void => {
    const { key } = parse(name, args)
    observations.set(name, [...(observations.get(name) ?? []), key.slice(name.length + 1)])
  }

  return {
    counter<const S extends LabelSpec>({ name, collect }: CounterOptions<S>): Counter<S> {
      const counter: Counter<S> = {
        inc: (...args: readonly unknown[]) => add(name, args),
        set: (...args: readonly unknown[]) => set(name, args),
        series: (...labels: readonly unknown[]) => ({
          inc: (value) => add(name, [...labels, value]),
          set: (total) => set(name, [...labels, total]),
        }),
      }
      if (collect) collectors.set(name, () => collect(counter))
      return counter
    },
    gauge<const S extends LabelSpec>({ name, collect }: GaugeOptions<S>): Gauge<S> {
      const gauge: Gauge<S> = {
        set: (...args: readonly unknown[]) => set(name, args),
        inc: (...args: readonly unknown[]) => add(name, args),
        dec: (...args: readonly unknown[]) => add(name, args, -1),
        series: (...labels: readonly unknown[]) => ({
          set: (value) => set(name, [...labels, value]),
          inc: (value) => add(name, [...labels, value]),
          dec: (value) => add(name, [...labels, value], -1),
        }),
        reset: () => {
          for (const key of series.keys()) if (key.startsWith(`${name} `)) series.delete(key)
        },
      }
      if (collect) collectors.set(name, () => collect(gauge))
      return gauge
    },
    histogram: ({ name }) => ({
      observe: (...args: readonly unknown[]) => observe(name, args),
      series: (...labels: readonly unknown[]) => ({ observe: (value) => observe(name, [...labels, value]) }),
    }),
    async value(name, labels = '') {
      await collectors.get(name)?.()
      return series.get(`${name} ${labels}`)
    },
    observed: (name) => observations.get(name) ?? [],
  }
}
