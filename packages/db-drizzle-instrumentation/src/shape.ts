import { commandOf, maxStatementChars, sanitiseStatement } from '@honoscope/core'
import type { SpanOptions } from '@opentelemetry/api'

/** What all runs of one statement have in common. The same text always gives the same object, while it is remembered. */
export interface Shape {
  /** Without values, at most 2,048 characters. */
  readonly text: string
  /** The command in lower case, e.g. `select`, `create`; `query` where it is none that is known. */
  readonly command: string
  /** Of the span that the last run had, and the table that it named: they are the same each time. */
  spanOptions: SpanOptions | undefined
  spanTable: string | undefined
}

/** Returns the shape of a statement. */
export type ShapeOf = (text: string) => Shape

/** Statements that are remembered. An app has some hundreds; one that writes values into its statements must not fill the memory. */
const maxShapes = 1_000

/** Makes a bounded memory of shapes: to clean a statement costs microseconds, to look it up does not. */
export function createShapes(): ShapeOf {
  const byText = new Map<string, Shape>()
  const byShape = new Map<string, Shape>()

  return (text) => {
    const known = byText.get(text)
    if (known !== undefined) return known
    const clean = sanitiseStatement(text)
    const shape = byShape.get(clean) ?? {
      text: clean,
      command: commandOf(clean),
      spanOptions: undefined,
      spanTable: undefined,
    }
    keep(byShape, clean, shape)
    // A long one would be kept whole as the key.
    if (text.length <= maxStatementChars) keep(byText, text, shape)
    return shape
  }
}

function keep(map: Map<string, Shape>, key: string, shape: Shape): void {
  if (map.size >= maxShapes && !map.has(key)) map.delete(map.keys().next().value as string)
  map.set(key, shape)
}
