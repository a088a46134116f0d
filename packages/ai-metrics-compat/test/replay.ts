import * as ai from '../src/index.ts'

/** One call of the list: a function's name, as it is in Go, and its arguments. */
export type Call = readonly [name: string, ...args: readonly unknown[]]

/** The names of the code that is ported, and what they have become. */
export const goNames: Readonly<Record<string, (...args: never[]) => void>> = {
  RecordAICallDuration: ai.recordAICallDuration,
  RecordVectorSearchDuration: ai.recordVectorSearchDuration,
  RecordSkillAssemblyDuration: ai.recordSkillAssemblyDuration,
  RecordParallelExecutionDuration: ai.recordParallelExecutionDuration,
  RecordDomainSkillSelection: ai.recordDomainSkillSelection,
  RecordCMDBAssessment: ai.recordCMDBAssessment,
  IncAICallCount: ai.incAICallCount,
  IncVectorSearchCount: ai.incVectorSearchCount,
  IncCMDBQueryCount: ai.incCMDBQueryCount,
  SetActiveParallelTasks: ai.setActiveParallelTasks,
}

/** Makes the calls in their order; throws at a name that is not known. */
export function replay(calls: readonly Call[]): void {
  for (const [name, ...args] of calls) {
    const record = goNames[name] as ((...args: readonly unknown[]) => void) | undefined
    if (record === undefined) throw new Error(`there is no function ${name}`)
    record(...args)
  }
}
