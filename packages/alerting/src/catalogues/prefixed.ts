import type { MetricCatalogue } from '../catalogue/description.ts'

/** The metrics of `C`, each with `P` before its name. */
export type Prefixed<P extends string, C extends MetricCatalogue> = {
  readonly [Name in keyof C & string as `${P}${Name}`]: C[Name]
}

/**
 * Returns a catalogue as a service has it that gave `createMetrics()` a prefix.
 *
 * @example
 * ```ts
 * import { httpCatalogue, prefixed } from '@honoscope/alerting/catalogues'
 *
 * const shop = prefixed('shop_', httpCatalogue)
 * ```
 */
export function prefixed<const P extends string, C extends MetricCatalogue>(prefix: P, catalogue: C): Prefixed<P, C> {
  return Object.fromEntries(
    Object.entries(catalogue).map(([name, description]) => [`${prefix}${name}`, description]),
  ) as Prefixed<P, C>
}
