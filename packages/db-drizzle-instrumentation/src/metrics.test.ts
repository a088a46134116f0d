import { createMetrics } from '@honoscope/metrics'
import { describe, expect, it } from 'vitest'
import { dbMetrics } from './index.ts'

const lines = async (metrics: { render(): Promise<string> }, pattern: RegExp): Promise<string[]> =>
  (await metrics.render()).split('\n').filter((line) => pattern.test(line) && !line.startsWith('#'))

describe('dbMetrics', () => {
  it('counts and times by operation and table', async () => {
    const metrics = createMetrics({ runtime: false, prefix: 'shop_' })
    const db = dbMetrics(metrics)
    db.query('select', 'users')(7, undefined)
    db.query('select', 'users')(1_500, undefined)
    db.query('vacuum', 'unknown')(1, undefined)
    db.failed('insert', 'constraint')
    db.failed('transaction', 'connection')
    expect(await lines(metrics, /^shop_db\w+_total.* [^0]/)).toEqual([
      'shop_db_queries_total{operation="select",table="users"} 2',
      'shop_db_queries_total{operation="other",table="unknown"} 1',
      'shop_db_query_errors_total{operation="insert",code_class="constraint"} 1',
      'shop_db_query_errors_total{operation="transaction",code_class="connection"} 1',
    ])
    expect(await lines(metrics, /seconds_sum|seconds_bucket.*le="0.01"/)).toEqual([
      'shop_db_query_duration_seconds_bucket{operation="select",table="users",le="0.01"} 1',
      'shop_db_query_duration_seconds_sum{operation="select",table="users"} 1.507',
      'shop_db_query_duration_seconds_bucket{operation="other",table="unknown",le="0.01"} 1',
      'shop_db_query_duration_seconds_sum{operation="other",table="unknown"} 0.001',
    ])
  })

  it('takes the words and names of dashboards that exist', async () => {
    const metrics = createMetrics({ runtime: false, prefix: 'iac_' })
    const names = { errors: false, duration: 'db_seconds' } as const
    const db = dbMetrics(metrics, { operations: 'crud', names, buckets: [1] })
    for (const command of ['insert', 'select', 'update', 'delete', 'merge']) db.query(command, 't')(1, undefined)
    db.failed('insert', 'other')
    expect(await lines(metrics, /^iac_db/)).toEqual([
      ...['create', 'query', 'update', 'delete', 'other'].map(
        (operation) => `iac_db_queries_total{operation="${operation}",table="t"} 1`,
      ),
      ...(await lines(metrics, /^iac_db_seconds/)),
    ])
    expect(await lines(metrics, /^iac_db_seconds_bucket{operation="create"/)).toHaveLength(2)
  })

  it('folds tables past the limit into other, and keeps no more of them', async () => {
    const metrics = createMetrics({ runtime: false })
    const db = dbMetrics(metrics, { maxTables: 3 })
    for (let i = 0; i < 10_000; i++) db.query('select', `made_up_${i}`)(1, undefined)
    expect(await lines(metrics, /^db_queries_total/)).toEqual([
      ...[0, 1, 2].map((i) => `db_queries_total{operation="select",table="made_up_${i}"} 1`),
      'db_queries_total{operation="select",table="other"} 9997',
    ])
  })

  it.each([
    [{ maxTables: 0 }, 'maxTables'],
    [{ operations: 'verbs' as never }, 'operations'],
    [{ names: { speed: 'x' } as never }, 'speed'],
    [{ names: { queries: 'no total' } }, 'db|no total'],
  ])('refuses %j', (options, named) => {
    expect(() => dbMetrics(createMetrics({ runtime: false }), options)).toThrow(new RegExp(named))
  })
})
