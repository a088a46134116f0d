import type { Tracer } from '@opentelemetry/api'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/pglite'
import { describe, expect, it } from 'vitest'
import { recordingTracer } from '../../test/genai/recorder.ts'
import { recordError, traceAiInference, traceSqlQuery } from '../chat2sql.ts'

const statement = "select * from wages where name = 'Smith' and amount > 4711"
const query = { statement }

describe('traceSqlQuery', () => {
  it('makes a span with the statement without its values, and ends it when the promise has settled', async () => {
    const tracer = recordingTracer()
    let settle = (_value: number): void => {}
    const pending = new Promise<number>((resolve) => {
      settle = resolve
    })
    const result = traceSqlQuery(tracer, query, () => pending)
    expect(result).toBe(pending)
    expect(tracer.spans[0]?.ends).toBe(0)
    settle(17)
    expect(await result).toBe(17)
    expect(tracer.spans).toEqual([
      {
        name: 'sql.query',
        kind: 2,
        attributes: {
          component: 'database',
          'db.system.name': 'postgresql',
          'db.query.text': 'select * from wages where name = ? and amount > ?',
        },
        status: undefined,
        ends: 1,
      },
    ])
  })

  it('returns what synchronous work returns', () => {
    const tracer = recordingTracer()
    expect(traceSqlQuery(tracer, { statement, system: 'sqlite' }, () => 5)).toBe(5)
    expect(tracer.spans[0]).toMatchObject({ ends: 1, attributes: { 'db.system.name': 'sqlite' } })
  })

  it('records what was thrown by its type, never by its message, and throws it on', async () => {
    const tracer = recordingTracer()
    const error = new RangeError('Smith earns 4711')
    expect(() =>
      traceSqlQuery(tracer, query, () => {
        throw error
      }),
    ).toThrow(error)
    await expect(traceSqlQuery(tracer, query, () => Promise.reject(error))).rejects.toBe(error)
    for (const span of tracer.spans) {
      expect(span).toMatchObject({ ends: 1, status: 2, attributes: { 'error.type': 'RangeError' } })
    }
    expect(JSON.stringify(tracer.spans)).not.toMatch(/Smith|4711/)
    expect(tracer.spans).toHaveLength(2)
  })

  it('runs a query of Drizzle once, which is run again at each `then`', async () => {
    const db = drizzle()
    await db.execute(sql`create sequence runs`)
    await traceSqlQuery(recordingTracer(), query, () => db.execute(sql`select nextval('runs')`))
    const { rows } = await db.execute(sql`select nextval('runs')::int as next`)
    expect(rows).toEqual([{ next: 2 }])
  }, 60_000)

  it('runs the work once and passes on its result when the tracer fails, before or after', async () => {
    const throws = (): never => {
      throw new Error('tracer')
    }
    const before: Tracer = { startSpan: throws, startActiveSpan: throws }
    const after: Tracer = {
      startSpan: throws,
      startActiveSpan(...args: readonly unknown[]) {
        const work = args.at(-1) as (span: unknown) => unknown
        work({ end: throws, setAttribute: throws, setStatus: throws, addEvent: throws })
        return throws()
      },
    }
    for (const tracer of [before, after]) {
      let runs = 0
      expect(await traceSqlQuery(tracer, query, async () => ++runs)).toBe(1)
      expect(runs).toBe(1)
      await expect(traceSqlQuery(tracer, query, async () => Promise.reject(new Error('work')))).rejects.toThrow('work')
    }
  })
})

describe('traceAiInference', () => {
  it('tells the length of the prompt and not the prompt', async () => {
    const tracer = recordingTracer()
    const prompt = 'What does Smith earn?'
    await traceAiInference(tracer, { model: 'qwen3', provider: 'local', prompt }, async () => 'select 1')
    expect(tracer.spans).toMatchObject([
      {
        name: 'ai.inference',
        ends: 1,
        attributes: {
          component: 'ai',
          'gen_ai.request.model': 'qwen3',
          'gen_ai.provider.name': 'local',
          'ai.prompt.length': prompt.length,
        },
      },
    ])
    expect(JSON.stringify(tracer.spans)).not.toContain('Smith')
  })
})

describe('recordError', () => {
  it('takes anything', () => {
    const tracer = recordingTracer()
    const hostile = Object.defineProperty(new Error('x'), 'name', {
      get() {
        throw new Error('getter')
      },
    })
    for (const odd of [undefined, null, 'text', Symbol('odd'), hostile]) {
      expect(() => recordError(tracer.startSpan('s'), odd)).not.toThrow()
    }
    expect(() => recordError(undefined, new Error('x'))).not.toThrow()
    expect(tracer.spans[2]?.attributes['error.type']).toBe('string')
  })
})
