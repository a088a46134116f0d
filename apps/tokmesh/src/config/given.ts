import { resolve } from 'node:path'
import type { Key } from './key-types.ts'
import type { KeyName } from './keys.ts'
import { type ConfigProblem, type ConfigWarning, type Origin, placeOf, shown } from './problem.ts'

/** A value that a source gives for a key. */
export interface Given {
  readonly value: unknown
  readonly origin: Origin
}

/** What one source gives. */
export type GivenValues = Map<KeyName, Given>

/** What has been found wrong so far; readers add to it. */
export interface Findings {
  readonly problems: ConfigProblem[]
  readonly warnings: ConfigWarning[]
}

/**
 * Reads `text` as a value of `key`. Returns false for text that is not of the type, of which the caller makes what
 * its source asks for. A value out of range is a problem, whatever the source. Relative paths start at `folder`.
 */
export function take(
  [name, key]: readonly [KeyName, Key<unknown>],
  text: string,
  origin: Origin,
  { given, findings, folder }: { given: GivenValues; findings: Findings; folder: string },
): boolean {
  const value = key.parse(text)
  if (value === undefined) return false
  const complaint = key.check(value)
  if (complaint) findings.problems.push({ ...placeOf(origin, key.path), value: shown(key.path, text), ...complaint })
  else given.set(name, { value: key.isPath ? locate(String(value), folder) : value, origin: { ...origin, text } })
  return true
}

/** The path from `folder`; what is no path stays as it is. */
export function locate(value: string, folder: string): string {
  return value === '' || value === 'memory://' ? value : resolve(folder, value)
}

/** The problem with a value that is not of its key's type. */
export function mistyped(key: Key<unknown>, text: string, origin: Origin): ConfigProblem {
  const [value, fix] = [shown(key.path, text), `write ${key.form}`]
  const cause = `${wrongIn(key, text)}not of the type ${key.type}`
  return { code: 'TM-CFG-1001', ...placeOf(origin, key.path), value, cause, fix }
}

/** The entries of a list that are to blame, as the beginning of a sentence; `''` where the text is no list. */
export function wrongIn(key: Key<unknown>, text: string): string {
  const wrong = key.wrongEntries?.(text) ?? []
  return wrong.length > 0 ? `${wrong.map((entry) => JSON.stringify(shown(key.path, entry))).join(', ')}: ` : ''
}
