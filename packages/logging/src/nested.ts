/** What stands in place of a field that can't be read. */
export const unreadable = '[unreadable]'

/** How deep and how wide what refers to itself is told: it may be a socket, with all of the runtime behind it. */
const [maxDepth, maxEntries] = [5, 100]

class Endless extends Error {}

/**
 * Returns the value of a field as JSON can tell it, the same one where JSON does so well: an error at any depth as
 * `errorOf` tells it, since its own fields are the driver's parameters; bytes as their number, since they may be a
 * key; a `bigint` that a number can't hold as a text. Never throws.
 */
export function tellable(value: unknown, errorOf: (error: Error) => unknown): unknown {
  if (typeof value === 'bigint') return told(value)
  if (typeof value !== 'object' || value === null) return value
  try {
    return walk(value, { errorOf, path: new Set(), bounded: false })
  } catch {
    return attempt(() => walk(value, { errorOf, path: new Set(), bounded: true }))
  }
}

interface Walk {
  readonly errorOf: (error: Error) => unknown
  /** Objects around the value. */
  readonly path: Set<object>
  /** Whether it is known to be endless. */
  readonly bounded: boolean
}

function walk(value: unknown, within: Walk): unknown {
  if (typeof value === 'bigint') return told(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return within.errorOf(value)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  const { path, bounded } = within
  if (path.has(value)) {
    if (!bounded) throw new Endless()
    return '[Circular]'
  }
  if (bounded && path.size >= maxDepth) return Array.isArray(value) ? '[Array]' : '[Object]'
  path.add(value)
  const json = jsonOf(value)
  const result = json === value ? entries(value, within) : walk(json, within)
  path.delete(value)
  return result
}

/** What JSON would take in its place, such as the text of a date. */
function jsonOf(value: object): unknown {
  const { toJSON } = value as { toJSON?: unknown }
  return typeof toJSON === 'function' ? toJSON.call(value) : value
}

/** The same object, if nothing in it is told otherwise. A copy has no prototype, so that an entry may have any name. */
function entries(value: object, within: Walk): unknown {
  const empty = (): Record<string, unknown> => Object.assign(Array.isArray(value) ? [] : Object.create(null))
  let copy = within.bounded ? empty() : undefined
  const keys = Object.keys(value)
  for (const key of within.bounded ? keys.slice(0, maxEntries) : keys) {
    const entry = (value as Record<string, unknown>)[key]
    const other = walk(entry, within)
    if (copy === undefined && other === entry) continue
    copy ??= Object.assign(empty(), value)
    copy[key] = other
  }
  return copy ?? value
}

const largest = BigInt(Number.MAX_SAFE_INTEGER)

const told = (value: bigint): unknown => (value > largest || value < -largest ? String(value) : value)

function attempt(work: () => unknown): unknown {
  try {
    return work()
  } catch {
    return unreadable
  }
}
