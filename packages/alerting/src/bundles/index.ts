/**
 * Alerts and recording rules that are ready for use.
 *
 * @module
 */
export type { Bundle } from './bundle.ts'
