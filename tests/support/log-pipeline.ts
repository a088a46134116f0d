/** Runs lines through the stages of a `loki.process`, by the rules of Alloy's own stages. */
import jmespath from 'jmespath'
import type { Block, Value } from './alloy.ts'

/** What reaches Loki of a line. */
export interface Entry {
  readonly line: string
  /** Unix ms. */
  readonly timestamp: number
  readonly labels: Readonly<Record<string, string>>
  readonly metadata: Readonly<Record<string, string>>
}

interface Passing {
  readonly line: string
  timestamp: number
  readonly extracted: Record<string, unknown>
  readonly labels: Record<string, string>
  readonly metadata: Record<string, string>
}

type Stage = (entry: Passing) => void

/** Takes each line, and when it was read, to what Loki is given. Throws for a stage that it does not know. */
export function pipelineOf(process: Block): (line: string, readAt: number) => Entry {
  const stages = process.blocks.map((block) => {
    const make = makers[block.name]
    if (!make) throw new Error(`${block.name} is no stage that this test knows`)
    return make(block)
  })
  return (line, readAt) => {
    const entry: Passing = { line, timestamp: readAt, extracted: {}, labels: {}, metadata: {} }
    for (const stage of stages) stage(entry)
    const { timestamp, labels, metadata } = entry
    return { line, timestamp, labels, metadata }
  }
}

/** An attribute that maps names to texts. */
const textsOf = (value: Value | undefined) => Object.entries((value ?? {}) as Readonly<Record<string, string>>)

/** Formats of Go that a stage may name, as what they take. */
const formats: Readonly<Record<string, RegExp>> = {
  RFC3339: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/,
  RFC3339Nano: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/,
}

const makers: Readonly<Record<string, (block: Block) => Stage>> = {
  'stage.json': ({ attributes }) => {
    const expressions = textsOf(attributes.expressions).map(([name, text]) => [name, text || name] as const)
    return ({ line, extracted }) => {
      const data = parsed(line)
      if (data === undefined) return
      for (const [name, expression] of expressions) {
        const found = jmespath.search(data, expression)
        extracted[name] = typeof found === 'object' && found !== null ? JSON.stringify(found) : found
      }
    }
  },
  'stage.timestamp': ({ attributes: { source, format, action_on_failure: onFailure } }) => {
    const pattern = formats[String(format)]
    if (!pattern || onFailure !== 'skip') throw new Error('a format or an action that this test does not know')
    return (entry) => {
      const text = entry.extracted[String(source)]
      if (typeof text === 'string' && pattern.test(text)) entry.timestamp = Date.parse(text)
    }
  },
  'stage.labels': ({ attributes }) => {
    return ({ extracted, labels }) => copy(textsOf(attributes.values), extracted, labels)
  },
  'stage.structured_metadata': ({ attributes }) => {
    const names = textsOf(attributes.values)
    return ({ extracted, labels, metadata }) => {
      copy(names, extracted, metadata)
      // A label of the same name is moved, not copied.
      for (const [name, source] of names) {
        const from = source || name
        const label = labels[from]
        if (label === undefined) continue
        metadata[name] = label
        delete labels[from]
      }
    }
  },
}

/** Texts, numbers and booleans are copied, as texts; what a line does not have makes nothing. */
function copy(
  names: readonly (readonly [string, string])[],
  extracted: Readonly<Record<string, unknown>>,
  to: Record<string, string>,
): void {
  for (const [name, source] of names) {
    const value = extracted[source || name]
    if (value !== undefined && value !== null) to[name] = String(value)
  }
}

/** The object of a line; `undefined` for what is none. */
function parsed(line: string): object | undefined {
  try {
    const data = JSON.parse(line)
    return typeof data === 'object' && !Array.isArray(data) && data !== null ? data : undefined
  } catch {
    return undefined
  }
}
