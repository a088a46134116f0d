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
export { type FakeCatalogue, fakeCatalogue } from './fake-catalogue.ts'
export { type FakeHasher, fakeHasher } from './fake-hasher.ts'
export { type FakeTime, fakeTime } from './fake-time.ts'
export { runtime, type Served, serve } from './serve.ts'
export { until } from './until.ts'
