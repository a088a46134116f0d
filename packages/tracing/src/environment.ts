import type { Environment } from './options.ts'
import { maxDelayMs } from './options-check.ts'

/** Reads variables, tells of malformed ones and treats those as unset. Messages hold names and rules, never a value. */
export interface Reader {
  /** Trimmed; `undefined` when unset, empty or blank. */
  text(name: string): string | undefined
  /** `true` or `false` in any case. */
  flag(name: string): boolean | undefined
  /** A whole number from `min`, which is 0 unless given. */
  count(name: string, min?: number): number | undefined
  /** Milliseconds from `min` to what a timer can keep, 2^31 − 1. */
  delay(name: string, min: number): number | undefined
  /** A number from 0 to 1. */
  ratio(name: string): number | undefined
  /** One of `values`. */
  choice<const V extends string>(name: string, values: readonly V[]): V | undefined
  /** The members of a comma-separated list that `values` has, each once. What it hasn't is told of. */
  choices<const V extends string>(name: string, values: readonly V[]): readonly V[] | undefined
  /** An absolute http or https URL. */
  url(name: string): URL | undefined
  /** `key=value,key=value` with percent-encoded values. One malformed member spoils all, as the specification has it. */
  pairs(name: string, isValid?: (key: string, value: string) => boolean): Readonly<Record<string, string>> | undefined
}

/** Returns what reads `env` and tells `warn` of each malformed variable once. */
export function createReader(env: Environment, warn: (message: string) => void): Reader {
  const told = new Set<string>()
  const reject = (name: string, rule: string): undefined => {
    if (!told.has(name)) warn(`tracing: ${name} ${rule}`)
    told.add(name)
  }
  const text = (name: string): string | undefined => env[name]?.trim() || undefined
  /** Reads with `parse`, which answers `undefined` for what breaks `rule`. */
  function read<T>(name: string, rule: string, parse: (value: string) => T | undefined): T | undefined {
    const value = text(name)
    return value === undefined ? undefined : (parse(value) ?? reject(name, `is ignored: it must be ${rule}`))
  }
  return {
    text,
    flag: (name) => read(name, 'true or false', (value) => flags[value.toLowerCase()]),
    count: (name, min = 0) => read(name, `a whole number from ${min}`, (value) => wholeNumber(value, min)),
    delay: (name, min) =>
      read(name, `a whole number of milliseconds, ${min} to ${maxDelayMs}`, (value) =>
        wholeNumber(value, min, maxDelayMs),
      ),
    ratio: (name) => read(name, 'a number from 0 to 1', toRatio),
    choice: (name, values) =>
      read(name, `one of ${values.join(', ')}`, (value) => values.find((one) => one === value.toLowerCase())),
    choices: (name, values) => {
      const given = text(name)
        ?.split(',')
        .map((value) => value.trim().toLowerCase())
      const known = values.filter((value) => given?.includes(value))
      if (given?.some((value) => value !== '' && !values.some((one) => one === value))) {
        reject(name, `has a member that is ignored: known are ${values.join(', ')}`)
      }
      return known.length === 0 ? undefined : known
    },
    url: (name) => read(name, 'an absolute http or https URL', toUrl),
    pairs: (name, isValid) => read(name, 'a list of key=value, percent-encoded', (value) => toPairs(value, isValid)),
  }
}

const flags: Readonly<Record<string, boolean>> = { true: true, false: false }

function wholeNumber(value: string, min: number, max: number = Number.MAX_SAFE_INTEGER): number | undefined {
  const number = Number(value)
  return /^\d+$/.test(value) && number >= min && number <= max ? number : undefined
}

function toRatio(value: string): number | undefined {
  const number = Number(value)
  return number >= 0 && number <= 1 ? number : undefined
}

/** Returns the absolute http or https URL that `value` is, else `undefined`. */
export function toUrl(value: string): URL | undefined {
  if (!URL.canParse(value)) return undefined
  const url = new URL(value)
  // Credentials are sent decoded.
  if (decode(url.username) === undefined || decode(url.password) === undefined) return undefined
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
}

function toPairs(
  value: string,
  isValid: (key: string, value: string) => boolean = () => true,
): Readonly<Record<string, string>> | undefined {
  const pairs: Record<string, string> = {}
  for (const member of value.split(',')) {
    if (member.trim() === '') continue
    const [, rawKey = '', rawValue = ''] = /^\s*([^=\s]+)\s*=(.*)$/s.exec(member) ?? []
    const key = decode(rawKey)
    const decoded = decode(rawValue.trim())
    if (!key || decoded === undefined || !isValid(key, decoded)) return undefined
    pairs[key] = decoded
  }
  return pairs
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}
