/**
 * The twelve AI functions and their metrics, as existing dashboards know them, in a registry of their own or in the app's.
 *
 * @module
 */
export {
  incAICallCount,
  incCMDBQueryCount,
  incVectorSearchCount,
  recordAICallDuration,
  recordAITokens,
  recordCMDBAssessment,
  recordDomainSkillSelection,
  recordParallelExecutionDuration,
  recordSkillAssemblyDuration,
  recordVectorSearchDuration,
  setActiveParallelTasks,
} from './functions.ts'
export type { Capability, Method, OneOf, Stage, Status, Task } from './known-values.ts'
export { newTimer, type Timer } from './timer.ts'
export { metricsHandler, useMetrics } from './use-metrics.ts'
