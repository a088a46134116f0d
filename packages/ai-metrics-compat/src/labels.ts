/**
 * The labels of one metric, folded into the values that they may have, and its series found by them.
 *
 * `@honoscope/metrics` could do that alone. Done here it costs two short comparisons and no object, whatever the values
 * are, and what was folded is counted where `useMetrics()` can take the count along.
 */

/** A label: its values are numbered, and 0 is `other`. A record of one shape for all, which keeps the lookup fast. */
export interface Label {
  readonly name: string
  /** Numbers are below this. */
  readonly size: number
  /** Numbers of the texts that may be given, by {@link bucketOf}. */
  readonly buckets: readonly (readonly number[])[]
  /** Number of a value that is no such text. Takes anything and never throws. */
  readonly fold: (value: unknown) => number
  /** The value as it is written, by number. */
  readonly texts: readonly string[]
}

const bucketCount = 64

/**
 * Returns where to look for a text: by its length and three of its characters. A map reads and hashes all of a text
 * that it has not seen, which took 80 ns each on Node 20; this takes 20. The known values spread over 64 buckets.
 */
function bucketOf(text: string): number {
  const { length } = text
  const sum = length * 4 + text.charCodeAt(0) + text.charCodeAt(length >> 1) + text.charCodeAt(length - 1) * 18
  return sum & (bucketCount - 1)
}

function bucketsOf(texts: readonly string[]): number[][] {
  const buckets: number[][] = Array.from({ length: bucketCount }, () => [])
  for (const [id, text] of texts.entries()) buckets[bucketOf(text)]?.push(id)
  return buckets
}

/** Makes a label; `onFold` is told of each value that became `other`. */
export type LabelFactory = (onFold: () => void) => Label

const other = 'other'

/** A label with a list of values. */
export function closed(name: string, values: readonly string[]): LabelFactory {
  return fixed(name, [other, ...values], () => 0, bucketsOf([other, ...values]))
}

/** A label of two values, for a boolean argument. */
export function flag(name: string, whenTrue: string, whenFalse: string): LabelFactory {
  return fixed(name, [other, whenTrue, whenFalse], (value) => (value === true ? 1 : value === false ? 2 : 0))
}

/** A small number: `0` to `9`, then `10+`. */
export function count(name: string): LabelFactory {
  const digits = Array.from({ length: 10 }, (_, digit) => String(digit))
  const find = (value: unknown): number => {
    if (typeof value !== 'number' || value < 0 || !Number.isInteger(value)) return 0
    return value > 9 ? 11 : value + 1
  }
  return fixed(name, [other, ...digits, '10+'], find)
}

/** `find` gives the number of what is no text in a bucket; without `buckets` only `other` is. */
function fixed(
  name: string,
  texts: readonly string[],
  find: (value: unknown) => number,
  buckets: readonly (readonly number[])[] = bucketsOf([other]),
): LabelFactory {
  return (onFold) => ({
    name,
    size: texts.length,
    buckets,
    texts,
    fold(value) {
      const id = find(value)
      if (id === 0) onFold()
      return id
    },
  })
}

/** Longest text that an open label takes; a longer one is `other`, so that no caller's text is kept for good. */
const maxTextLength = 128

/** A label whose values are not known beforehand: the first `max` texts are kept. */
export function openText(name: string, max: number): LabelFactory {
  return (onFold) => {
    const texts = [other]
    const buckets = bucketsOf(texts)
    return {
      name,
      size: max + 1,
      buckets,
      texts,
      fold(value) {
        if (typeof value !== 'string' || value.length > maxTextLength || texts.length > max) {
          onFold()
          return 0
        }
        buckets[bucketOf(value)]?.push(texts.length)
        return texts.push(value) - 1
      },
    }
  }
}

/** The labels of one metric: two or three. */
export type Labels = readonly [Label, Label, Label | undefined]

/** Finds a series by the values of its labels, in their order. */
export type FindSeries<T> = (first: unknown, second: unknown, third?: unknown) => T

/** Makes the lookup over two or three labels; `make` is called once for each combination that occurs. */
export function createFinder<T>(labels: Labels, make: (values: Readonly<Record<string, string>>) => T): FindSeries<T> {
  const [first, second, third] = labels
  const found: (T | undefined)[] = new Array(first.size * second.size * (third?.size ?? 1))
  const add = (index: number, ids: readonly number[]): T => {
    const series = make(valuesOf(labels, ids))
    found[index] = series
    return series
  }
  if (third === undefined) {
    return (a, b) => {
      const id1 = idOf(first, a)
      const id2 = idOf(second, b)
      const index = id1 * second.size + id2
      return found[index] ?? add(index, [id1, id2])
    }
  }
  return (a, b, c) => {
    const id1 = idOf(first, a)
    const id2 = idOf(second, b)
    const id3 = idOf(third, c)
    const index = (id1 * second.size + id2) * third.size + id3
    return found[index] ?? add(index, [id1, id2, id3])
  }
}

function idOf(label: Label, value: unknown): number {
  if (typeof value === 'string') {
    const { texts } = label
    const bucket = label.buckets[bucketOf(value)] ?? []
    for (let i = 0; i < bucket.length; i++) {
      const id = bucket[i] as number
      if (texts[id] === value) return id
    }
  }
  return label.fold(value)
}

function valuesOf(labels: Labels, ids: readonly number[]): Record<string, string> {
  return Object.fromEntries(
    labels.flatMap((label, i) => (label === undefined ? [] : [[label.name, label.texts[ids[i] ?? 0] ?? other]])),
  )
}
