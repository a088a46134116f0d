/**
 * The labels of one metric, folded into the values that they may have, and its series found by them.
 *
 * `@honoscope/metrics` could do that alone. Done here it costs two map lookups and no object, whatever the values are,
 * and what was folded is counted where `useMetrics()` can take the count along.
 */

/** A label: its values are numbered, and 0 is `other`. A record of one shape for all, which keeps the lookup fast. */
export interface Label {
  readonly name: string
  /** Numbers are below this. */
  readonly size: number
  /** Number of each value that is known. */
  readonly ids: ReadonlyMap<unknown, number>
  /** Number of a value that is not known. Takes anything and never throws. */
  readonly fold: (value: unknown) => number
  /** The value as it is written, by number. */
  readonly texts: readonly string[]
}

/** Makes a label; `onFold` is told of each value that became `other`. */
export type LabelFactory = (onFold: () => void) => Label

const other = 'other'

/** A label with a list of values. */
export function closed(name: string, values: readonly string[]): LabelFactory {
  const texts = [other, ...values]
  return fixed(name, texts, new Map(texts.map((text, id) => [text, id])))
}

/** A label of two values, for a boolean argument. */
export function flag(name: string, whenTrue: string, whenFalse: string): LabelFactory {
  const ids = new Map<unknown, number>([
    [true, 1],
    [false, 2],
  ])
  return fixed(name, [other, whenTrue, whenFalse], ids)
}

/** A small number: `0` to `9`, then `10+`. */
export function count(name: string): LabelFactory {
  const digits = Array.from({ length: 10 }, (_, digit) => digit)
  const ids = new Map<unknown, number>(digits.flatMap((digit) => [[digit, digit + 1] as const]))
  const texts = [other, ...digits.map(String), '10+']
  return fixed(name, texts, ids, (value) => (Number.isInteger(value) && (value as number) > 9 ? 11 : 0))
}

function fixed(
  name: string,
  texts: readonly string[],
  ids: ReadonlyMap<unknown, number>,
  find: (value: unknown) => number = () => 0,
): LabelFactory {
  return (onFold) => ({
    name,
    size: texts.length,
    ids,
    texts,
    fold(value) {
      const id = find(value)
      if (id === 0 && value !== other) onFold()
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
    const ids = new Map<unknown, number>([[other, 0]])
    return {
      name,
      size: max + 1,
      ids,
      texts,
      fold(value) {
        if (typeof value !== 'string' || value.length > maxTextLength || texts.length > max) {
          onFold()
          return 0
        }
        ids.set(value, texts.length)
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
  return label.ids.get(value) ?? label.fold(value)
}

function valuesOf(labels: Labels, ids: readonly number[]): Record<string, string> {
  return Object.fromEntries(
    labels.flatMap((label, i) => (label === undefined ? [] : [[label.name, label.texts[ids[i] ?? 0] ?? other]])),
  )
}
