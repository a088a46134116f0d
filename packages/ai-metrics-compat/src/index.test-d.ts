import { createMetrics } from '@honoscope/metrics'
import { expectTypeOf } from 'vitest'
import { createChat2SqlMetrics, createTracedQuery } from './chat2sql.ts'
import { createIacMetrics } from './iac.ts'
import { incAICallCount, recordAICallDuration, type Stage, useMetrics } from './index.ts'

const metrics = createMetrics()

// A port has variables of any text, and an editor offers the known values all the same.
declare const text: string
recordAICallDuration('nlq', 'total', 1.5)
recordAICallDuration(text, text, 1.5)
expectTypeOf<string>().toExtend<Stage>()
// @ts-expect-error: the duration comes last
recordAICallDuration(1.5, 'nlq', 'total')
// @ts-expect-error: a status is missing
incAICallCount('nlq')

useMetrics(metrics)
// @ts-expect-error: not the metrics of createMetrics()
useMetrics({})

const iac = createIacMetrics(metrics)
iac.taskCompleted('plan', 'success', 12)
// @ts-expect-error: seconds are a number
iac.taskCompleted('plan', 'success', '12')

const chat2sql = createChat2SqlMetrics(metrics)
chat2sql.recordSqlQuery('select', 'success', 1)
// @ts-expect-error: no known type of query
chat2sql.recordSqlQuery('explain', 'success', 1)
// @ts-expect-error: no known window
chat2sql.updateAiAccuracy('m', '2h', 1)

const tracedQuery = createTracedQuery({ metrics: chat2sql })
const db = { run: async (sql: string) => [sql] }
expectTypeOf(tracedQuery(db, 'select 1', (given, sql) => given.run(sql))).resolves.toEqualTypeOf<string[]>()
