import type { LabelSpec } from '@honoscope/core'
import { createEncoder, type LabelEncoder } from './labels.ts'
import { formatLabels } from './text.ts'

/** The label combinations of one metric that exist, numbered from 0 in the order in which they appeared. */
export interface Children {
  /** How many exist. */
  readonly size: number
  /** Number of the combination; makes it if it is new. Takes whatever it is given and never throws. */
  slot(labels: unknown): number
  /** Labels of a combination. */
  labels(slot: number): Readonly<Record<string, string>>
  /** The same, as `a="b",c="d"`. */
  text(slot: number): string
}

/** What {@link createChildren} needs to know. */
export interface ChildrenOptions {
  readonly labels: LabelSpec
  readonly maxChildren: number
  /** Makes every declared combination at once. */
  readonly init: boolean
  /** A value of this label became `other`. `*`: the whole combination did, because there were `maxChildren` already. */
  readonly onFold: (label: string) => void
  /** Called with the new size, before the slot is used. */
  readonly onGrow: (size: number) => void
}

/** Up to this many combinations, finding one is an array access; above, a map with number keys. */
const denseLimit = 4096

/** Makes the children of one metric. */
export function createChildren(options: ChildrenOptions): Children {
  const names = Object.keys(options.labels)
  const encoders = names.map((name) => createEncoder(options.labels[name] ?? [], () => options.onFold(name)))
  const slots = createSlots(encoders.reduce((product, { size }) => product * size, 1))
  const children: { labels: Record<string, string>; text: string }[] = []

  const make = (index: number, labels: unknown): number => {
    if (children.length >= options.maxChildren && !isAllOther(labels)) {
      options.onFold('*')
      return slot(allOther)
    }
    const values = decode(index, names, encoders)
    children.push({ labels: values, text: formatLabels(values) })
    options.onGrow(children.length)
    slots.set(index, children.length - 1)
    return children.length - 1
  }
  const allOther = Object.fromEntries(names.map((name) => [name, 'other']))
  const isAllOther = (labels: unknown): boolean => labels === allOther

  const resolve = createResolver(names, encoders)
  const slot = (labels: unknown): number => {
    const index = resolve(labels)
    const found = slots.get(index)
    return found < 0 ? make(index, labels) : found
  }

  if (options.init) for (const labels of combinations(names, encoders)) slot(labels)
  return {
    get size() {
      return children.length
    },
    slot,
    labels: (slot) => children[slot]?.labels ?? {},
    text: (slot) => children[slot]?.text ?? '',
  }
}

/** A lookup from a combination's index to its slot; -1 for none. */
function createSlots(combinations: number): { get(index: number): number; set(index: number, slot: number): void } {
  if (combinations <= denseLimit) {
    const table = new Int32Array(combinations).fill(-1)
    return {
      get: (index) => table[index] as number,
      set: (index, slot) => {
        table[index] = slot
      },
    }
  }
  const table = new Map<number, number>()
  return { get: (index) => table.get(index) ?? -1, set: (index, slot) => void table.set(index, slot) }
}

/** Makes the function that gives a combination's index: the labels' numbers as digits of a number with mixed bases. */
function createResolver(names: readonly string[], encoders: readonly LabelEncoder[]): (labels: unknown) => number {
  const count = names.length
  if (count === 0) return () => 0
  return (labels) => {
    const given = typeof labels === 'object' && labels !== null ? (labels as Record<string, unknown>) : {}
    let index = 0
    for (let i = 0; i < count; i++) {
      const encoder = encoders[i] as LabelEncoder
      index = index * encoder.size + encoder.encode(given[names[i] as string])
    }
    return index
  }
}

function decode(index: number, names: readonly string[], encoders: readonly LabelEncoder[]): Record<string, string> {
  const ids: number[] = []
  let rest = index
  for (const { size } of encoders.toReversed()) {
    ids.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return Object.fromEntries(names.map((name, i) => [name, encoders[i]?.text(ids[i] ?? 0) ?? '']))
}

/** Every declared combination, in the order of declaration. */
function combinations(names: readonly string[], encoders: readonly LabelEncoder[]): Record<string, string>[] {
  let all: Record<string, string>[] = [{}]
  names.forEach((name, i) => {
    all = all.flatMap((labels) => encoders[i]?.declared.map((value) => ({ ...labels, [name]: value })) ?? [])
  })
  return all
}
