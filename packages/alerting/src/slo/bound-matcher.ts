import { type Matcher, matching } from '../promql/select.ts'

/**
 * Returns what `le` has to be for this bound. The classic text of `@honoscope/metrics` has `1` where OpenMetrics has
 * `1.0`, and a Prometheus may have scraped either: where they differ, both are taken.
 */
export function boundMatcher(bound: number): string | Matcher {
  const [plain, ...others] = new Set([`${bound}`, canonical(bound)])
  if (plain !== undefined && others.length === 0) return plain
  return matching([plain, ...others].map((text) => `${text}`.replace(/[.+]/g, '\\$&')).join('|'))
}

/** A number as OpenMetrics asks for it in a label, which is how Go writes floats: `1.0`, `1e+06`, `1e-05`. */
function canonical(bound: number): string {
  if (bound >= 1e6 || (bound > 0 && bound < 1e-4)) {
    const [mantissa, exponent = ''] = bound.toExponential().split('e')
    return `${mantissa}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, '0')}`
  }
  return Number.isInteger(bound) ? `${bound}.0` : `${bound}`
}
