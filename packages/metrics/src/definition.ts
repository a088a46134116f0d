import type { LabelSpec } from '@honoscope/core'

/** The types of metric that the catalogue makes. */
export type MetricType = 'counter' | 'gauge' | 'histogram'

/** A metric as it was asked for, checked and with its defaults. */
export interface Definition {
  /** With the prefix. */
  readonly name: string
  readonly help: string
  readonly type: MetricType
  readonly labels: LabelSpec
  readonly labelNames: readonly string[]
  readonly init: boolean
  readonly maxChildren: number
}

/** What {@link define} reads of a metric's options. */
export interface DefinitionOptions {
  readonly name: string
  readonly help: string
  readonly prefix?: string
  readonly labels?: LabelSpec
  readonly init?: boolean
  readonly maxChildren?: number
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelPattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** A combination's number must be exact. */
const maxCombinations = Number.MAX_SAFE_INTEGER

/**
 * Checks a metric's options and fills in the defaults.
 *
 * @throws TypeError with the metric's name, for whatever is wrong with it.
 */
export function define(type: MetricType, options: DefinitionOptions, prefix: string): Definition {
  const name = `${options.prefix ?? prefix}${options.name}`
  const fail = (reason: string): never => {
    throw new TypeError(`metric ${name}: ${reason}`)
  }
  if (!namePattern.test(name)) fail('the name may hold letters, digits, _ and :, and may not start with a digit')
  if (type === 'counter' && !name.endsWith('_total')) fail('the name of a counter ends in _total')
  if (typeof options.help !== 'string' || options.help === '') fail('help is missing')
  const labels = options.labels ?? {}
  const labelNames = Object.keys(labels)
  let combinations = 1
  for (const label of labelNames) combinations *= checkLabel(label, labels[label], fail)
  if (combinations > maxCombinations) fail('its labels have too many combinations to number; lower an open(max)')
  const maxChildren = options.maxChildren ?? 10_000
  if (!Number.isInteger(maxChildren) || maxChildren < 1) fail('maxChildren must be a whole number above 0')
  const closed = Object.values(labels).every(Array.isArray)
  if (options.init === true && !closed) fail('init: true needs labels with closed lists only')
  const init = options.init ?? closed
  const declared = Object.values(labels).reduce((product, spec) => product * ('open' in spec ? 1 : spec.length), 1)
  if (init && declared > maxChildren) fail(`init would make ${declared} children, above maxChildren ${maxChildren}`)
  return { name, help: options.help, type, labels, labelNames, init, maxChildren }
}

/** Returns how many values a label can have, `other` included. */
function checkLabel(label: string, spec: LabelSpec[string] | undefined, fail: (reason: string) => never): number {
  if (!labelPattern.test(label)) fail(`label ${JSON.stringify(label)} may hold letters, digits and _ only`)
  if (label.startsWith('__')) fail(`label ${label}: names that start with __ are reserved`)
  if (label === 'le' || label === 'quantile') fail(`label ${label} is reserved for the format itself`)
  if (spec === undefined || spec === null) return fail(`label ${label} has neither a list of values nor open(max)`)
  if ('open' in spec) {
    if (Number.isInteger(spec.open) && spec.open > 0) return spec.open + 1
    return fail(`label ${label}: open(max) needs a whole number above 0`)
  }
  if (!Array.isArray(spec) || spec.length === 0) return fail(`label ${label} has an empty list of values`)
  if (!spec.every((value) => typeof value === 'string')) fail(`label ${label} has a value that is not a string`)
  if (new Set(spec).size !== spec.length) fail(`label ${label} lists a value twice`)
  return spec.length + 1
}

/**
 * Returns a copy of a histogram's upper bounds, without a `+Inf` at the end.
 *
 * @throws TypeError with the metric's name when they are empty, not ascending or not numbers.
 */
export function checkBuckets(name: string, buckets: readonly number[]): readonly number[] {
  const bounds = buckets.at(-1) === Number.POSITIVE_INFINITY ? buckets.slice(0, -1) : [...buckets]
  if (bounds.length === 0) throw new TypeError(`metric ${name}: buckets are empty`)
  bounds.forEach((bound, i) => {
    const before = bounds[i - 1]
    if (!Number.isFinite(bound)) throw new TypeError(`metric ${name}: bucket ${bound} is not a finite number`)
    if (before !== undefined && bound <= before) {
      throw new TypeError(`metric ${name}: buckets must ascend, ${bound} comes after ${before}`)
    }
  })
  return bounds
}
