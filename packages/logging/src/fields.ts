/** Fields beside the four that every line has. An undefined one, a function and a symbol are left out. */
export type LogFields = Readonly<Record<string, unknown>>

/** A line before it is text. It has no prototype, so that a field may have any name. */
export type Line = Record<string, unknown>

/** What stands in place of a field that can't be read. */
export const unreadable = '[unreadable]'

/** Names that are the logger's own: a field of the same name stands beside it as `fields.<name>`. */
const reserved: ReadonlySet<string> = new Set(['timestamp', 'level', 'logger', 'message'])

/**
 * Adds `fields` to `line`; later ones win over earlier ones of the same name. What can't be read costs its own field.
 * Never throws.
 */
export function addFields(line: Line, fields: LogFields | undefined, errorOf: (error: Error) => LogFields): void {
  for (const key of keysOf(fields)) {
    const value = fieldOf(fields as LogFields, key)
    if (value === undefined) continue
    line[reserved.has(key) ? `fields.${key}` : key] = value instanceof Error ? errorOf(value) : value
  }
}

function keysOf(fields: LogFields | undefined): readonly string[] {
  try {
    return fields === undefined || fields === null ? [] : Object.keys(fields)
  } catch {
    return []
  }
}

function fieldOf(fields: LogFields, key: string): unknown {
  try {
    return fields[key]
  } catch {
    return unreadable
  }
}
