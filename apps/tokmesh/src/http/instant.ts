/** Points in time as queries have them: RFC 3339 or Unix ms of the contract's section 4.4, Unix ms of 4.19. */

const expected = 'has to be Unix milliseconds or an RFC 3339 time such as 2026-01-31T12:00:00Z, with + as %2B'

// Without the ranges of days and leap seconds, which depend on one another.
const rfc3339 =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/

/**
 * Returns the Unix ms of an RFC 3339 time or of decimal digits, which are Unix ms themselves. Fractions of a
 * millisecond are rounded up: for a bound on whole milliseconds, `>=` or `<`, that changes nothing. A leap second is
 * taken where one can be, at the end of a UTC month, and is the first second of the next one, as Unix time has it.
 * Throws a `SyntaxError` that says what it has to be.
 */
export function parseInstant(text: string): number {
  const time = isDigits(text) ? Number(text) : parseRfc3339(text)
  if (time === undefined || time > Number.MAX_SAFE_INTEGER) throw new SyntaxError(expected)
  return time
}

/** Returns the Unix ms of decimal digits. Throws a `SyntaxError` for anything else, and for more than is exact. */
export function parseUnixMs(text: string): number {
  if (!isDigits(text) || Number(text) > Number.MAX_SAFE_INTEGER) throw new SyntaxError('has to be Unix milliseconds')
  return Number(text)
}

const isDigits = (text: string) => /^\d+$/.test(text)

function parseRfc3339(text: string): number | undefined {
  const match = rfc3339.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  const [fraction = '', sign, offsetHours = 0, offsetMinutes = 0] = match.slice(7)
  const date = new Date(0)
  // Not `Date.UTC`: it takes the years 0 to 99 for those of the last century.
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCDate() !== day) return undefined
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '-' ? -1 : 1)
  const time = date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000
  if (second === 60 && !isStartOfMonth(time)) return undefined
  return time + milliseconds(fraction)
}

/** By digits: 0.57 * 1000 is no whole number. */
function milliseconds(fraction: string): number {
  return Number(fraction.slice(0, 3).padEnd(3, '0')) + (/[1-9]/.test(fraction.slice(3)) ? 1 : 0)
}

function isStartOfMonth(time: number): boolean {
  return time % 86_400_000 === 0 && new Date(time).getUTCDate() === 1
}
