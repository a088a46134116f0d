import { createMetrics } from '@honoscope/metrics'
import { describe, expect, it } from 'vitest'
import { catalogueRows, comparable, exposedRows } from '../test/catalogue-tables.ts'
import { replay } from '../test/replay.ts'
import { createChat2SqlMetrics } from './chat2sql.ts'
import { createIacMetrics } from './iac.ts'
import { recordAITokens, useMetrics } from './index.ts'

describe('every metric of the catalogue that is made here has its type, labels and buckets', () => {
  it('reads the tables to their end', () => {
    const rows = catalogueRows()
    expect(rows).toHaveLength(19 + 10 + 6)
    expect(comparable(rows)).toMatchObject({
      iac_db_connections_waiting: { type: 'gauge', labels: [] },
      iac_http_response_size_bytes: { type: 'histogram', labels: ['method', 'route'] },
      iac_cmdb_query_total: { type: 'counter', labels: ['candidate_count', 'resource_type', 'status'] },
      iac_cmdb_assessment_ms: { labels: ['method', 'need_cmdb', 'resource_type_count'] },
    })
    expect(comparable(rows).iac_http_response_size_bytes?.buckets?.at(-1)).toBe(16 * 1024 ** 2)
  })

  it('iac_*', async () => {
    const metrics = createMetrics({ prefix: 'app_', runtime: false })
    useMetrics(metrics)
    const iac = createIacMetrics(metrics)
    iac.taskCompleted('plan', 'success', 12)
    iac.driftDetected()
    iac.agentConnections('pool-1', 'online', 3)
    iac.taskDispatched('pool-1')
    iac.taskFinished('pool-1', 'success')
    iac.login('password', 'success')
    iac.tokenIssued('api')
    recordAITokens('openai', 'input', 12)
    replay([
      ['RecordAICallDuration', 'nlq', 'total', 1],
      ['RecordVectorSearchDuration', 'aws_vpc', 'total', 1],
      ['RecordSkillAssemblyDuration', 'nlq', 1, 1],
      ['RecordParallelExecutionDuration', 'cmdb_query', 'success', 1],
      ['RecordDomainSkillSelection', 1, 'ai', 1],
      ['RecordCMDBAssessment', true, 1, 'ai', 1],
      ['IncAICallCount', 'nlq', 'success'],
      ['IncVectorSearchCount', 'aws_vpc', true],
      ['IncCMDBQueryCount', 'aws_vpc', true, 1],
    ])
    const elsewhere = /^iac_(http|db)_/
    const wanted = catalogueRows().filter(({ name }) => name.startsWith('iac_') && !elsewhere.test(name))
    expect(comparable(exposedRows(await metrics.render(), 'iac_'))).toEqual(comparable(wanted))
  })

  it('chat2sql_*', async () => {
    const metrics = createMetrics({ prefix: 'app_', runtime: false })
    const chat2sql = createChat2SqlMetrics(metrics)
    chat2sql.recordSqlQuery('select', 'success', 0.1)
    chat2sql.recordAiInference('qwen3', 'local', 1.5)
    chat2sql.updateAiAccuracy('qwen3', '24h', 0.9)
    chat2sql.updateDatabaseConnections('main', 'default', 3)
    chat2sql.updateCacheHitRate('schema', 'tables', 0.5)
    const wanted = catalogueRows().filter(({ name }) => name.startsWith('chat2sql_'))
    expect(comparable(exposedRows(await metrics.render(), 'chat2sql_'))).toEqual(comparable(wanted))
  })
})
