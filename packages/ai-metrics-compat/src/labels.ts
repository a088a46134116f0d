/**
 * The labels of one metric, folded into the values that they may have, and its series found by them.
 *
 * `@honoscope/metrics` could do that alone. Done here it costs two short comparisons and no object, whatever the values
 * are, and what was folded is counted where `useMetrics()` can take the count along.
 */

/**
 * A label: its values are numbered, and 0 is `other`. A record of one shape for all, read by one function: so an engine
 * compiles the lookup once.
 */
export interface Label {
  readonly name: string
  /** Numbers are below this. */
  readonly size: number
  /** Number of the last text that was added with this {@link hash}; -1: there is none. */
  readonly heads: Int8Array
  /** By number: the text that was added before it with the same hash; -1: there is none. */
  readonly next: Int8Array
  /** The value as it is written, by number. */
  readonly texts: string[]
  /** Number of a value that is no text known; `undefined`: they all are `other`. Takes anything and never throws. */
  intern: Intern | undefined
  /** How many values became `other`. */
  folded: number
}

type Intern = (label: Label, value: unknown) => number

/** Several times the number of texts that a label has, so that most texts that are not known meet none. */
const hashes = 256

/**
 * Returns a number below {@link hashes} for a text: by its length and its last character. A map reads and hashes all of
 * a text that it has not seen, which took 80 ns each on Node 20. Three of all the known values share theirs with another.
 */
function hash(text: string): number {
  return (text.length * 6 + text.charCodeAt(text.length - 1)) & 255
}

/** Adds a text, and returns its number. */
function add(label: Label, text: string): number {
  const id = label.texts.push(text) - 1
  label.next[id] = label.heads[hash(text)] as number
  label.heads[hash(text)] = id
  return id
}

/**
 * Number of a label's value. Takes anything and never throws.
 *
 * Short, as {@link hash} is: JavaScriptCore compiles a function into its callers only up to a certain length.
 */
function idOf(label: Label, value: unknown): number {
  let id = typeof value === 'string' ? (label.heads[hash(value)] as number) : -1
  while (id >= 0 && label.texts[id] !== value) id = label.next[id] as number
  return id < 0 ? unknownId(label, value) : id
}

function unknownId(label: Label, value: unknown): number {
  const id = label.intern === undefined ? 0 : label.intern(label, value)
  if (id === 0) label.folded++
  return id
}

/** Makes a label that knows nothing yet. */
export type LabelFactory = () => Label

const other = 'other'

function create(name: string, size: number, texts: readonly string[], intern: Intern | undefined): Label {
  if (size >= hashes / 2) throw new RangeError(`label ${name}: ${size} values are too many`)
  const [heads, next] = [new Int8Array(hashes).fill(-1), new Int8Array(size)]
  const label = { name, size, heads, next, texts: [], intern, folded: 0 }
  for (const text of [other, ...texts]) add(label, text)
  return label
}

/** A label with a list of values. */
export function closed(name: string, values: readonly string[]): LabelFactory {
  return () => create(name, values.length + 1, values, undefined)
}

/** A label of two values, for a boolean argument. */
export function flag(name: string, whenTrue: string, whenFalse: string): LabelFactory {
  return numbered(name, [whenTrue, whenFalse], (_, value) => (value === true ? 1 : value === false ? 2 : 0))
}

/** A small number: `0` to `9`, then `10+`. */
export function count(name: string): LabelFactory {
  const digits = Array.from({ length: 10 }, (_, digit) => String(digit))
  return numbered(name, [...digits, '10+'], (_, value) => {
    if (typeof value !== 'number' || value < 0 || !Number.isInteger(value)) return 0
    return value > 9 ? 11 : value + 1
  })
}

/** A label whose values are no texts as they are given; of texts, `other` alone is known. */
function numbered(name: string, texts: readonly string[], intern: Intern): LabelFactory {
  return () => {
    const label = create(name, texts.length + 1, [], intern)
    label.texts.push(...texts)
    return label
  }
}

/** Longest text that an open label takes; a longer one is `other`, so that no caller's text is kept for good. */
const maxTextLength = 128

/** A label whose values are not known beforehand: the first `max` texts are kept. */
export function openText(name: string, max: number): LabelFactory {
  const intern: Intern = (label, value) => {
    if (typeof value !== 'string' || value.length > maxTextLength) return 0
    if (label.texts.length === max) label.intern = undefined
    return add(label, value)
  }
  return () => create(name, max + 1, [], intern)
}

/** The labels of one metric: two or three. */
export type Labels = readonly [Label, Label, Label | undefined]

/** Finds a series by the values of its labels, in their order. */
export type FindSeries<T> = (first: unknown, second: unknown, third?: unknown) => T

/** Makes the lookup over two or three labels; `make` is called once for each combination that occurs. */
export function createFinder<T>(labels: Labels, make: (values: Readonly<Record<string, string>>) => T): FindSeries<T> {
  const [first, second, third] = labels
  const found: (T | undefined)[] = new Array(first.size * second.size * (third?.size ?? 1))
  const addSeries = (index: number): T => {
    const series = make(valuesOf(labels, index))
    found[index] = series
    return series
  }
  return (a, b, c) => {
    let index = idOf(first, a) * second.size + idOf(second, b)
    if (third !== undefined) index = index * third.size + idOf(third, c)
    return found[index] ?? addSeries(index)
  }
}

/** The values behind the number of a combination, in the order of the labels. */
function valuesOf(labels: Labels, index: number): Record<string, string> {
  const pairs: [string, string][] = []
  let rest = index
  for (const label of labels.toReversed()) {
    if (label === undefined) continue
    pairs.push([label.name, label.texts[rest % label.size] ?? other])
    rest = Math.floor(rest / label.size)
  }
  return Object.fromEntries(pairs.reverse())
}
