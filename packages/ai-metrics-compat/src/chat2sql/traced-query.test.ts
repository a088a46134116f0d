import { hashText } from '@honoscope/core/events'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/pglite'
import { describe, expect, it } from 'vitest'
import { recordingMetrics, recordingTracer } from '../../test/genai/recorder.ts'
import {
  createChat2SqlMetrics,
  createEventLog,
  createTracedQuery,
  type SqlQueryEvent,
  statusOf,
  typeOfQuery,
} from '../chat2sql.ts'

/** One for the file: to start it takes seconds on a busy machine. */
const db = drizzle()
const timeoutMs = 60_000

function setUp() {
  const { metrics, value } = recordingMetrics()
  const tracer = recordingTracer()
  const events: SqlQueryEvent[] = []
  let now = 0
  const tracedQuery = createTracedQuery({
    metrics: createChat2SqlMetrics(metrics),
    tracer,
    events: { sqlQuery: (event) => events.push(event) },
    clock: () => (now += 250),
  })
  return { tracedQuery, tracer, events, value }
}

describe('tracedQuery', () => {
  it(
    'hands on the database and the statement, and resolves to the result',
    async () => {
      const { tracedQuery, tracer, events, value } = setUp()
      const run = (given: typeof db, text: string) => given.execute<{ answer: number }>(sql.raw(text))
      const { rows } = await tracedQuery(db, 'select 42 as answer', run)
      expect(rows).toEqual([{ answer: 42 }])
      expect(tracer.spans).toMatchObject([
        { name: 'sql.query', ends: 1, attributes: { 'db.query.text': 'select ? as answer' } },
      ])
      expect(events).toMatchObject([
        { query: 'select 42 as answer', durationMs: 250, queryType: 'select', status: 'success' },
      ])
      expect(await value('chat2sql_query_duration_seconds_sum', { query_type: 'select', status: 'success' })).toBe(0.25)
    },
    timeoutMs,
  )

  it(
    'tells a statement that was not allowed from one that is wrong, and rejects with what the database said',
    async () => {
      const { tracedQuery, tracer, value } = setUp()
      const readOnly = (given: typeof db, text: string) =>
        given.transaction((tx) => tx.execute(sql.raw(text)), { accessMode: 'read only' })
      await expect(tracedQuery(db, 'create table t (id int)', readOnly)).rejects.toMatchObject({
        cause: { code: '25006' },
      })
      await expect(tracedQuery(db, 'select nothing', readOnly)).rejects.toMatchObject({ cause: { code: '42703' } })
      expect(await value('chat2sql_query_total', { query_type: 'ddl', status: 'rejected' })).toBe(1)
      expect(await value('chat2sql_query_total', { query_type: 'select', status: 'error' })).toBe(1)
      expect(tracer.spans.map(({ status }) => status)).toEqual([2, 2])
    },
    timeoutMs,
  )

  it('answers as before when everything that it tells fails', async () => {
    const fails = (): never => {
      throw new Error('telemetry')
    }
    const tracedQuery = createTracedQuery({
      metrics: { recordSqlQuery: fails },
      tracer: { startSpan: fails, startActiveSpan: fails },
      events: { sqlQuery: fails },
    })
    expect(await tracedQuery(undefined, 'select 1', () => 1)).toBe(1)
    await expect(tracedQuery(undefined, 'select 1', () => Promise.reject(new Error('query')))).rejects.toThrow('query')
    expect(await createTracedQuery({})(undefined, 'select 1', async () => 2)).toBe(2)
  })
})

it.each([
  ['select 1', 'select'],
  ['  -- why\n SELECT 1', 'select'],
  ['with a as (select 1) insert into t select * from a', 'insert'],
  ['with a as (delete from t returning *) select * from a', 'select'],
  ['update t set a = 1', 'update'],
  ['DELETE FROM t', 'delete'],
  ['drop table t', 'ddl'],
  ['explain select 1', 'other'],
  ['', 'other'],
])('takes %j for %s', (text, type) => {
  expect(typeOfQuery(text)).toBe(type)
})

it('finds how a query ended in the causes of what was thrown', () => {
  const coded = (code: string) => Object.assign(new Error('x'), { code })
  expect(statusOf(new Error('wrapped', { cause: coded('57014') }))).toBe('timeout')
  expect(statusOf(coded('42501'))).toBe('rejected')
  expect(statusOf(new DOMException('late', 'TimeoutError'))).toBe('timeout')
  expect(statusOf('odd')).toBe('error')
  const endless = new Error('x')
  endless.cause = endless
  expect(statusOf(endless)).toBe('error')
})

describe('createEventLog', () => {
  const recorder = () => {
    const lines: unknown[][] = []
    const write =
      (level: string) =>
      (...args: unknown[]) =>
        void lines.push([level, ...args])
    return { lines, info: write('info'), warn: write('warn'), error: write('error') }
  }

  it('writes hashes and lengths, and no text', () => {
    const logger = recorder()
    const events = createEventLog(logger)
    events.sqlQuery({ query: 'select wages', durationMs: 3, queryType: 'select', status: 'error' })
    events.aiInference({ model: 'qwen3', prompt: 'what does Smith earn', durationMs: 900, completionTokens: 7 })
    events.userAction({ action: 'query_saved', userId: 'smith' })
    events.securityEvent({ type: 'write_attempt', severity: 'high', userId: 'smith' })
    expect(logger.lines).toEqual([
      [
        'warn',
        'sql query',
        {
          event: 'sql_query',
          query_type: 'select',
          status: 'error',
          query_hash: hashText('select wages'),
          query_length: 12,
          duration_ms: 3,
        },
      ],
      [
        'info',
        'ai inference',
        {
          event: 'ai_inference',
          model: 'qwen3',
          status: 'success',
          prompt_length: 20,
          completion_tokens: 7,
          duration_ms: 900,
        },
      ],
      [
        'info',
        'user action',
        { event: 'user_action', action: 'query_saved', user_hash: hashText('smith'), result: 'success' },
      ],
      [
        'error',
        'security event',
        { event: 'security_event', type: 'write_attempt', severity: 'high', user_hash: hashText('smith') },
      ],
    ])
  })

  it('puts the fields first for pino, and where it is told to', () => {
    const pino = { ...recorder(), bindings: () => ({}) }
    createEventLog(pino).userAction({ action: 'a' })
    expect(pino.lines[0]?.[2]).toBe('user action')
    const bunyan = recorder()
    createEventLog(bunyan, { fieldsFirst: true }).userAction({ action: 'a' })
    expect(bunyan.lines[0]?.[2]).toBe('user action')
  })

  it('refuses what is no logger at once, and never throws later', () => {
    expect(() => createEventLog({} as never)).toThrow(new TypeError('createEventLog: logger must have info()'))
    const fails = (): never => {
      throw new Error('logger')
    }
    const events = createEventLog({ info: fails, warn: fails, error: fails })
    events.userAction({ action: 'a' })
    createEventLog(recorder()).sqlQuery(undefined as never)
    createEventLog(recorder()).aiInference({ model: 'm', durationMs: 1 } as never)
  })
})
