/** Checks of fields, parameters and path values that come after a body's syntax: required first, then the rules. */
import { TokMeshError } from '../domain/errors.ts'

/** The value of a required field. Throws `TM-ARG-1002` when it is absent or an empty text. */
export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined || value === '') throw new TokMeshError('TM-ARG-1002', `${name} is required`)
  return value
}

/** `TM-ARG-1001` with a sentence. */
export function badArgument(message: string): TokMeshError {
  return new TokMeshError('TM-ARG-1001', message)
}

/**
 * The value of an integer field. Throws `TM-ARG-1001` for a fraction or, with bounds, a value out of them.
 * JSON's 1e999 is a whole number too, if not one that a double holds: it comes out as the largest that one does.
 */
export function integer(value: number, name: string, bounds?: { readonly min: number; readonly max: number }): number {
  if (Number.isFinite(value) && !Number.isInteger(value)) throw badArgument(`${name} has to be a whole number`)
  if (bounds && (value < bounds.min || value > bounds.max)) {
    throw badArgument(`${name} has to be ${bounds.min} to ${bounds.max}`)
  }
  return Math.max(-Number.MAX_VALUE, Math.min(value, Number.MAX_VALUE))
}

/** The value, which has to be in the list: else `TM-ARG-1001`. */
export function oneOf<const T extends string>(value: string, name: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value)
  if (found === undefined) throw badArgument(`${name} has to be one of ${allowed.join(', ')}`)
  return found
}
