/**
 * Values that a gauge would take and that are wrong. A catalogue drops NaN and counts it, so they become NaN.
 */

/** Returns a finite number of at least 0 as it is. */
export function amount(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY ? value : Number.NaN
}

/** Returns a number from 0 to 1 as it is. */
export function ratio(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : Number.NaN
}
