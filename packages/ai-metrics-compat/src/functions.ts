import type { Capability, Method, Stage, Status, Task } from './known-values.ts'
import { aiMetrics } from './use-metrics.ts'

// Names and argument order are those of the code that is ported. None of these ever throws: a label value that is not
// known becomes `other`, and a value that is no finite number of at least 0 is dropped; both are counted.

/** Records `iac_ai_call_duration_ms{capability,stage}`. */
export function recordAICallDuration(capability: Capability, stage: Stage, durationMs: number): void {
  aiMetrics().aiCallDuration(durationMs, capability, stage)
}

/** Records `iac_vector_search_duration_ms{resource_type,stage}`. The first 50 resource types are told apart. */
export function recordVectorSearchDuration(resourceType: string, stage: Stage, durationMs: number): void {
  aiMetrics().vectorSearchDuration(durationMs, resourceType, stage)
}

/** Records `iac_skill_assembly_duration_ms{capability,skill_count}`. */
export function recordSkillAssemblyDuration(capability: Capability, skillCount: number, durationMs: number): void {
  aiMetrics().skillAssemblyDuration(durationMs, capability, skillCount)
}

/** Records `iac_parallel_execution_ms{task,status}`. */
export function recordParallelExecutionDuration(task: Task, status: Status, durationMs: number): void {
  aiMetrics().parallelExecutionDuration(durationMs, task, status)
}

/** Records `iac_domain_skill_selection_ms{skill_count,method}`. */
export function recordDomainSkillSelection(skillCount: number, method: Method, durationMs: number): void {
  aiMetrics().domainSkillSelection(durationMs, skillCount, method)
}

/** Records `iac_cmdb_assessment_ms{need_cmdb,resource_type_count,method}`. */
export function recordCMDBAssessment(
  needCMDB: boolean,
  resourceTypeCount: number,
  method: Method,
  durationMs: number,
): void {
  aiMetrics().cmdbAssessment(durationMs, needCMDB, resourceTypeCount, method)
}

/** Counts in `iac_ai_call_total{capability,status}`. */
export function incAICallCount(capability: Capability, status: Status): void {
  aiMetrics().aiCalls(1, capability, status)
}

/** Counts in `iac_vector_search_total{resource_type,status}`; `status` is `found` or `not_found`. */
export function incVectorSearchCount(resourceType: string, found: boolean): void {
  aiMetrics().vectorSearches(1, resourceType, found)
}

/**
 * Counts in `iac_cmdb_query_total{resource_type,status,candidate_count}`; `status` is `not_found`, `found`, or
 * `multiple` for more than one candidate.
 */
export function incCMDBQueryCount(resourceType: string, found: boolean, candidateCount: number): void {
  aiMetrics().cmdbQueries(1, resourceType, queryStatus(found, candidateCount), candidateCount)
}

/** `undefined`, which becomes `other` and is counted, for what is no boolean. */
function queryStatus(found: unknown, candidateCount: unknown): string | undefined {
  if (found === false) return 'not_found'
  if (found !== true) return undefined
  return typeof candidateCount === 'number' && candidateCount > 1 ? 'multiple' : 'found'
}

/** Sets `iac_active_parallel_tasks`. */
export function setActiveParallelTasks(count: number): void {
  aiMetrics().activeParallelTasks(count)
}

/**
 * Counts `n` tokens in `iac_ai_tokens_total{provider,type}`. The first 20 providers and the first 10 types, such as
 * `input` and `output`, are told apart.
 */
export function recordAITokens(provider: string, type: string, n: number): void {
  aiMetrics().aiTokens(n, provider, type)
}
