/**
 * Private: what the tests of several packages share. Never published.
 *
 * @module
 */
export {
  type ExpositionSample,
  hasOpenMetricsParser,
  hasPromtool,
  openMetricsSamples,
  promtoolComplaints,
  samplesOf,
} from './exposition.ts'
export { expositionFaults } from './exposition-faults.ts'
export { runtime, type Served, serve } from './serve.ts'
