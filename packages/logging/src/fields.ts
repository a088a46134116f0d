import { tellable, unreadable } from './nested.ts'

/** Fields beside the four that every line has. An undefined one, a function and a symbol are left out. */
export type LogFields = Readonly<Record<string, unknown>>

/** A line before it is text. It has no prototype, so that a field may have any name. */
export type Line = Record<string, unknown>

/** Names that are the logger's own: a field of the same name stands beside it as `fields.<name>`. */
const reserved: ReadonlySet<string> = new Set(['timestamp', 'level', 'logger', 'message'])

/**
 * Adds the fields `given` to `line`, an error as the field `error`; later ones win over earlier ones of the same name. What can't be read costs its own field.
 * Never throws.
 */
export function addFields(line: Line, given: LogFields | undefined, errorOf: (error: Error) => LogFields): void {
  // Its own fields would be the driver's parameters, and its message none of them.
  const fields: LogFields | undefined = given instanceof Error ? { error: given } : given
  for (const key of keysOf(fields)) {
    const value = fieldOf(fields as LogFields, key)
    if (value === undefined) continue
    line[reserved.has(key) ? `fields.${key}` : key] = tellable(value, errorOf)
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
