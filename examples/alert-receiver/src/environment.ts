/** What the receiver reads of its environment. */
import { readFileSync } from 'node:fs'

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A variable that is missing, or that nobody can use. Its message names the variable, and never its value. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError'
  readonly code = 'ALERT_RECEIVER_ENVIRONMENT'
}

/**
 * Returns the variable, or the content of the file that `<name>_FILE` names, without white space around it; `undefined`
 * where both are missing or empty. Throws an {@link EnvironmentError} for a file that can't be read, and when both are set.
 */
export function optional(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim() || undefined
  const file = environment[`${name}_FILE`]?.trim()
  if (!file) return value
  if (value !== undefined) throw new EnvironmentError(`${name} and ${name}_FILE are both set: one is enough`)
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw new EnvironmentError(`the file of ${name}_FILE can't be read: ${code}`)
  }
}

/** The same; throws where there is none. */
export function needed(environment: Environment, name: string): string {
  const value = optional(environment, name)
  if (value === undefined) throw new EnvironmentError(`${name} or ${name}_FILE must be set`)
  return value
}

/** Items of a list with commas between them; none where the variable is missing. */
export function list(environment: Environment, name: string): readonly string[] {
  const items = optional(environment, name)?.split(',') ?? []
  return items.map((item) => item.trim()).filter((item) => item !== '')
}

/** A port; `otherwise` where the variable is missing. Throws for what is no port. */
export function port(environment: Environment, name: string, otherwise: number): number {
  const text = optional(environment, name)
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new EnvironmentError(`${name} must be a port, 0 to 65535`)
  return value
}

/** `true` or `false`; `otherwise` where the variable is missing. Throws for anything else. */
export function flag(environment: Environment, name: string, otherwise: boolean): boolean {
  const text = optional(environment, name)
  if (text === undefined) return otherwise
  if (text !== 'true' && text !== 'false') throw new EnvironmentError(`${name} must be true or false`)
  return text === 'true'
}
