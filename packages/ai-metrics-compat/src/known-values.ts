/** Values of the label `capability`. */
export const capabilities = ['form_generation', 'form_generation_optimized', 'domain_skill_selection', 'nlq'] as const

/** Values of the label `stage`. */
export const stages = [
  'total',
  'total_blocked',
  'total_need_selection',
  'ai_call',
  'build_prompt',
  'get_config',
  'get_schema',
  'intent_assertion',
  'parallel_execution',
  'parse_response',
  'second_phase_processing',
  'second_phase_skill_selection',
  'user_selection',
  'user_selection_build',
  'validation',
  'cmdb_query',
  'cmdb_query_plan',
  'cmdb_query_execution',
  'cmdb_total',
  'cmdb_keyword_check',
  'cmdb_ai_assessment',
  'embed',
  'batch_total',
] as const

/** Values of the label `status` of calls and tasks. */
export const statuses = [
  'success',
  'ai_error',
  'blocked',
  'cmdb_error',
  'cmdb_timeout',
  'config_error',
  'fallback_legacy',
  'need_selection',
  'parse_error',
  'skill_assembly_error',
  'error',
  'timeout',
] as const

/** Values of the label `task`. */
export const tasks = ['cmdb_query', 'vector_search'] as const

/** Values of the label `method`. */
export const methods = [
  'ai',
  'auto',
  'keyword',
  'rule',
  'empty',
  'error',
  'parse_error',
  'ai_error',
  'config_error',
] as const

/** Upper bounds of every duration here, in milliseconds. */
export const durationBuckets: readonly number[] = [10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000]

/** One of the known values, or any other text, which is counted as `other`: an editor offers the known ones. */
export type OneOf<Known extends string> = Known | (string & Record<never, never>)

/** What was asked of the AI. */
export type Capability = OneOf<(typeof capabilities)[number]>

/** A step of an AI call. */
export type Stage = OneOf<(typeof stages)[number]>

/** How a call or task ended. */
export type Status = OneOf<(typeof statuses)[number]>

/** A task that runs beside others. */
export type Task = OneOf<(typeof tasks)[number]>

/** How a choice was made. */
export type Method = OneOf<(typeof methods)[number]>
