/** Where the faults of a body go. */
export interface Found {
  /** See `OtlpJsonOptions`. */
  readonly strict: boolean
  add(at: string, what: string): void
}

/** Says what is wrong with the value `at` a place of the body. */
export type Check = (value: unknown, at: string, found: Found) => void

/** Marks a field that a message must have; the others may be left out, which is how the mapping writes a default. */
export interface Required {
  readonly required: Check
}

/** True for a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Marks a field that must be there. */
export function required(check: Check): Required {
  return { required: check }
}

/** A message: an object of these fields and of no others. */
export function fields(known: Readonly<Record<string, Check | Required>>): Check {
  return (value, at, found) => {
    if (!isObject(value)) return found.add(at, 'not an object')
    for (const [key, field] of Object.entries(known)) {
      if (typeof field !== 'function' && !(key in value)) found.add(join(at, key), 'missing')
    }
    for (const [key, entry] of Object.entries(value)) {
      const field = Object.hasOwn(known, key) ? known[key] : undefined
      if (field === undefined) found.add(join(at, key), 'unknown key')
      else (typeof field === 'function' ? field : field.required)(entry, join(at, key), found)
    }
  }
}

const join = (at: string, key: string): string => (at === '' ? key : `${at}.${key}`)

/** A repeated field. */
export function list(check: Check): Check {
  return (value, at, found) => {
    if (!Array.isArray(value)) return found.add(at, 'not an array')
    value.forEach((entry, i) => {
      check(entry, `${at}[${i}]`, found)
    })
  }
}

/** A check that is one condition. */
function must(what: string, holds: (value: unknown) => boolean): Check {
  return (value, at, found) => {
    if (!holds(value)) found.add(at, what)
  }
}

/** A string. */
export const text: Check = must('not a string', (value) => typeof value === 'string')

/** A string that is not empty. */
export const present: Check = must('not a string, or empty', (value) => typeof value === 'string' && value !== '')

/** A boolean. */
export const truth: Check = must('not a boolean', (value) => typeof value === 'boolean')

const isCount = (value: unknown, most: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most

/** An unsigned integer up to `most`, as a number. */
export function atMost(most: number): Check {
  return must(`not an integer from 0 to ${most}`, (value) => isCount(value, most))
}

/** An unsigned integer of 32 bits, as a number. */
export const uint32: Check = atMost(0xffff_ffff)

/** An enumerated value, as its number and not as its name. */
export function oneOf(...values: readonly number[]): Check {
  return must(`not one of the integers ${values.join(', ')}`, (value) => values.some((known) => known === value))
}

const hex = (digits: number): Check =>
  must(
    `not ${digits} lower-case hex digits, or all 0`,
    (value) => typeof value === 'string' && value.length === digits && /^(?!0+$)[0-9a-f]+$/.test(value),
  )

/** 16 bytes in hex, and not in the base64 of other bytes. */
export const traceId: Check = hex(32)

/** 8 bytes in hex. */
export const spanId: Check = hex(16)

const isWithin = (value: unknown, least: bigint, most: bigint): boolean =>
  typeof value === 'string' && /^-?(0|[1-9]\d*)$/.test(value) && BigInt(value) >= least && BigInt(value) <= most

/** A time of 64 bits, as a decimal string. 0, which is 1970, stands for a time that was never set. */
export const nanoseconds: Check = must('not a decimal string of 64 bits, or 0', (value) =>
  isWithin(value, 1n, 2n ** 64n - 1n),
)

/** A signed integer of 64 bits: a decimal string, or, unless `strict`, a number that a double holds exactly. */
export const int64: Check = (value, at, found) => {
  if (isWithin(value, -(2n ** 63n), 2n ** 63n - 1n)) return
  if (typeof value !== 'number') found.add(at, 'not a decimal string of 64 bits')
  else if (!Number.isSafeInteger(value)) found.add(at, 'a number that no double holds exactly')
  else if (found.strict) found.add(at, 'a number, not a decimal string')
}

/** A double: a number, or the name of one that JSON lacks. */
export const number64: Check = must(
  'not a number, "NaN", "Infinity" or "-Infinity"',
  (value) => typeof value === 'number' || value === 'NaN' || value === 'Infinity' || value === '-Infinity',
)
