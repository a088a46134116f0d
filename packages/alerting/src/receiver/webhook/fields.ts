import { cleanText } from '../clean-text.ts'

/** The body is not Alertmanager's webhook of version 4. The message names the field, and never shows its value. */
export class InvalidDeliveryError extends Error {
  override readonly name = 'InvalidDeliveryError'
  readonly code = 'HONOSCOPE_DELIVERY_INVALID'
}

/** An object of a JSON document. */
export type Fields = Readonly<Record<string, unknown>>

/** Returns `value` as an object. Throws as all of these do: `InvalidDeliveryError` with the field's name. */
export function object(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new InvalidDeliveryError(`${name} must be an object.`)
}

/** Returns a text of at most `max` characters; a longer one is cut. */
export function text(value: unknown, name: string, max: number): string {
  if (typeof value !== 'string') throw new InvalidDeliveryError(`${name} must be a string.`)
  return cleanText(value, max)
}

/** Returns a text, `''` where there is none. */
export function optionalText(value: unknown, name: string, max: number): string {
  return value === undefined || value === null ? '' : text(value, name, max)
}

/** @see labels */
export interface LabelLimits {
  readonly count: number
  readonly nameChars: number
  readonly valueChars: number
}

/** Returns labels or annotations; Go writes `null` for none. Values are cut, names and their number are not. */
export function labels(value: unknown, name: string, limits: LabelLimits): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {}
  const entries = Object.entries(object(value, name))
  if (entries.length > limits.count)
    throw new InvalidDeliveryError(`${name} must have at most ${limits.count} entries.`)
  if (entries.some(([key]) => key.length > limits.nameChars)) {
    throw new InvalidDeliveryError(`${name} must have names of at most ${limits.nameChars} characters.`)
  }
  return Object.fromEntries(entries.map(([key, text_]) => [cleanText(key, key.length), string(text_, name, limits)]))
}

function string(value: unknown, name: string, limits: LabelLimits): string {
  if (typeof value !== 'string') throw new InvalidDeliveryError(`${name} must have strings as values.`)
  return cleanText(value, limits.valueChars)
}

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** Returns a time in Unix milliseconds; `undefined` for Go's zero time, which stands for none. */
export function time(value: unknown, name: string): number | undefined {
  const [, seconds, fraction = '', zone] = (typeof value === 'string' && rfc3339.exec(value)) || []
  // Go writes nanoseconds, and not every runtime reads them.
  const ms = seconds === undefined ? Number.NaN : Date.parse(`${seconds}${fraction.slice(0, 4)}${zone}`)
  if (Number.isNaN(ms)) throw new InvalidDeliveryError(`${name} must be a time of RFC 3339.`)
  return ms <= 0 ? undefined : ms
}
