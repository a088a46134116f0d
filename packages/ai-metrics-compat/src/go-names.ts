/** The functions of the code that is ported, by their Go names. */
const functions: Readonly<Record<string, string>> = {
  RecordAICallDuration: 'recordAICallDuration',
  RecordVectorSearchDuration: 'recordVectorSearchDuration',
  RecordSkillAssemblyDuration: 'recordSkillAssemblyDuration',
  RecordParallelExecutionDuration: 'recordParallelExecutionDuration',
  RecordDomainSkillSelection: 'recordDomainSkillSelection',
  RecordCMDBAssessment: 'recordCMDBAssessment',
  IncAICallCount: 'incAICallCount',
  IncVectorSearchCount: 'incVectorSearchCount',
  IncCMDBQueryCount: 'incCMDBQueryCount',
  SetActiveParallelTasks: 'setActiveParallelTasks',
  NewTimer: 'newTimer',
  MetricsHandler: 'metricsHandler',
}

/** A call, with the package that stood before it: `metrics.RecordAICallDuration(`. A longer path is somebody else's. */
const call = new RegExp(String.raw`(?<![\w$.])(?:[\w$]+\.)?(${Object.keys(functions).join('|')})(?=\s*\()`, 'g')
const elapsed = /(?<=[\w$)]\.)ElapsedMs(?=\s*\()/g

/** A source with its calls renamed. */
export interface Renamed {
  readonly text: string
  /** How many calls were renamed. */
  readonly calls: number
}

/**
 * Returns a source text in which the calls of the twelve functions have their camelCase names and no package before
 * them, with an import of those that it calls at its head. A text without such calls comes back as it is.
 */
export function renameCalls(source: string): Renamed {
  const used = new Set<string>()
  let calls = 0
  const renamed = source
    .replace(call, (_, name: string) => {
      const own = functions[name] ?? name
      used.add(own)
      calls++
      return own
    })
    .replace(elapsed, () => {
      calls++
      return 'elapsedMs'
    })
  if (used.size === 0) return { text: renamed, calls }
  const names = [...used].sort().join(', ')
  return { text: `import { ${names} } from '@honoscope/ai-metrics-compat'\n${renamed}`, calls }
}
