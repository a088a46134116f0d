import { expect, it } from 'vitest'
import { renameCalls } from './go-names.ts'
import * as ai from './index.ts'

/** Call sites as they are after the Go around them has become TypeScript, and their functions have not. */
const before = `
export async function generateForm(prompt: string): Promise<string> {
  const timer = metrics.NewTimer()
  metrics.SetActiveParallelTasks(2)
  const found = await search(prompt)
  RecordVectorSearchDuration('aws_vpc', 'embed', timer.ElapsedMs())
  metrics.IncVectorSearchCount("aws_vpc", found.length > 0)
  if (found.length === 0) {
    observability.IncCMDBQueryCount ('aws_vpc', false, 0)
    metrics.RecordCMDBAssessment(
      true,
      1,
      'ai',
      metrics.NewTimer().ElapsedMs(),
    )
  }
  tasks.map((task) => metrics.RecordParallelExecutionDuration(task, 'success', 1.5))
  metrics.RecordDomainSkillSelection(3, 'ai', 2); metrics.RecordSkillAssemblyDuration('nlq', 3, 4)
  metrics.IncAICallCount('nlq', 'success') // RecordAICallDuration comes last
  metrics.RecordAICallDuration('nlq', 'total', timer.ElapsedMs())
  app.metrics.RecordAICallDuration('not', 'ours', 1)
  MyRecordAICallDuration()
  return found
}
app.get('/metrics', metrics.MetricsHandler())
`

const after = `import { incAICallCount, incCMDBQueryCount, incVectorSearchCount, metricsHandler, newTimer, recordAICallDuration, recordCMDBAssessment, recordDomainSkillSelection, recordParallelExecutionDuration, recordSkillAssemblyDuration, recordVectorSearchDuration, setActiveParallelTasks } from '@honoscope/ai-metrics-compat'

export async function generateForm(prompt: string): Promise<string> {
  const timer = newTimer()
  setActiveParallelTasks(2)
  const found = await search(prompt)
  recordVectorSearchDuration('aws_vpc', 'embed', timer.elapsedMs())
  incVectorSearchCount("aws_vpc", found.length > 0)
  if (found.length === 0) {
    incCMDBQueryCount ('aws_vpc', false, 0)
    recordCMDBAssessment(
      true,
      1,
      'ai',
      newTimer().elapsedMs(),
    )
  }
  tasks.map((task) => recordParallelExecutionDuration(task, 'success', 1.5))
  recordDomainSkillSelection(3, 'ai', 2); recordSkillAssemblyDuration('nlq', 3, 4)
  incAICallCount('nlq', 'success') // RecordAICallDuration comes last
  recordAICallDuration('nlq', 'total', timer.elapsedMs())
  app.metrics.RecordAICallDuration('not', 'ours', 1)
  MyRecordAICallDuration()
  return found
}
app.get('/metrics', metricsHandler())
`

it('renames the calls of all twelve functions, drops their package and imports them', () => {
  expect(renameCalls(before)).toEqual({ text: after, calls: 16 })
})

it('imports only what there is', () => {
  const [, names = ''] = /^import \{ (.*) \}/.exec(after) ?? []
  expect(names.split(', ')).toHaveLength(12)
  for (const name of names.split(', ')) expect(ai).toHaveProperty(name)
})

it('leaves a text without such calls as it is, and one that it has renamed', () => {
  expect(renameCalls('const a = 1\n')).toEqual({ text: 'const a = 1\n', calls: 0 })
  expect(renameCalls(after)).toEqual({ text: after, calls: 0 })
})
