/** The options of notifiers hold secrets: what is wrong with one is told by its name, never by its value. */

/** Throws a TypeError that names the option when `value` is no URL of http or https, or has credentials in it. */
export function checkHttpUrl(option: string, value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (typeof value !== 'string' || !url || !/^https?:$/.test(url.protocol))
    throw new TypeError(`${option} must be a URL of http or https`)
  // `fetch` refuses them, each time, without a word of why.
  if (url.username || url.password) throw new TypeError(`${option} must have no user and password in it`)
  return value
}

/** Throws a TypeError that names the option when `value` is no text, empty, or has a line break or another control. */
export function checkText(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && !/\p{Cc}/u.test(value)) return value
  throw new TypeError(`${option} must be a text on one line`)
}

/** Throws a TypeError that names the option when `value` is no whole number from `least` to `most`. */
export function checkWhole(option: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  throw new TypeError(`${option} must be a whole number from ${least} to ${most}`)
}
