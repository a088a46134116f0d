/**
 * Alerts and recording rules that are ready for use.
 *
 * @module
 */
import type { Bundle } from './bundle.ts'

export type { Bundle } from './bundle.ts'

/** All bundles by name. */
export const bundles: Readonly<Record<string, Bundle>> = {}
