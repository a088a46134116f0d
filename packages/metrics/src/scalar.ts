import { type Children, createChildren } from './children.ts'
import type { Definition } from './definition.ts'
import { createExemplars, type Exemplars } from './exemplars.ts'
import { grown, type Losses, type Recording, type Snapshot } from './family.ts'
import { formatValue } from './text.ts'
import { writePrefix } from './writer.ts'

/** The children of a counter or gauge with one number each. A reset puts a new one in its place. */
export interface Scalar {
  readonly children: Children
  readonly exemplars: Exemplars
  /** By slot. Replaced when it grows: read it anew each time. */
  values: Float64Array
}

/** Makes the children of a counter or gauge. */
export function createScalar(definition: Definition, losses: Losses, recording: Recording, init: boolean): Scalar {
  const store = { values: new Float64Array(1) as Float64Array }
  const children = createChildren({
    labels: definition.labels,
    maxChildren: definition.maxChildren,
    init,
    onFold: losses.folded,
    onGrow: (size) => {
      store.values = grown(store.values, size)
    },
  })
  return Object.assign(store, { children, exemplars: createExemplars(recording) })
}

/** Copies the numbers, so that what is recorded while a scrape is written does not tear it. */
export function scalarSnapshot({ name, type }: Definition, scalar: Scalar): Snapshot {
  const { children, exemplars } = scalar
  const size = children.size
  const nameBytes = new TextEncoder().encode(name)
  const values = scalar.values.slice(0, size)
  return {
    children: size,
    seriesPerChild: 1,
    write(writer, child, openMetrics, extra) {
      writePrefix(writer, nameBytes, children.bytes(child), extra)
      writer.text(formatValue(values[child] as number))
      if (openMetrics && type === 'counter') writer.text(exemplars.text(child))
      writer.text('\n')
    },
    samples: (child) => [{ value: values[child] as number, labels: children.labels(child) }],
  }
}
