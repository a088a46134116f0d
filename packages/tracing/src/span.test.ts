import { currentScope, observe, runInScope } from '@honoscope/core'
import { Hono } from 'hono'
import { beforeAll, describe, expect, it } from 'vitest'
import { createTracingWithSink, type TracingWithSink } from '../../../tests/support/span-sink.ts'
import { createTracing, type Tracing } from './index.ts'

let tracing: TracingWithSink
let off: Tracing
beforeAll(async () => {
  tracing = await createTracingWithSink()
  off = await createTracing({ env: {} })
})

const failure = new RangeError('with a secret')

describe('tracing.span', () => {
  it('runs work in a span below the current one, and returns what it returns', async () => {
    const result = tracing.span('outer', { tier: 'gold' }, (span) => {
      span.setAttribute('more', 1)
      return tracing.span('inner', () => tracing.context()?.spanId)
    })
    const [inner, outer] = await tracing.exported(2)
    expect([inner?.name, outer?.name]).toEqual(['inner', 'outer'])
    expect(outer?.attributes).toEqual({ tier: 'gold', more: 1 })
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId)
    expect(result).toBe(inner?.spanContext().spanId)
    expect(tracing.context()).toBeUndefined()
  })

  it('ends when the promise is settled, and is current until then', async () => {
    let spanId: string | undefined
    const value = await tracing.span('waits', async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      spanId = tracing.context()?.spanId
      return 42
    })
    const [span] = await tracing.exported()
    expect([value, spanId]).toEqual([42, span?.spanContext().spanId])
  })

  it.each([
    [
      'throws',
      () =>
        tracing.span('fails', () => {
          throw failure
        }),
    ],
    ['rejects', () => tracing.span('fails', () => Promise.reject(failure))],
    [
      'throws below another',
      () =>
        tracing.span('outer', () =>
          tracing.span('fails', () => {
            throw failure
          }),
        ),
    ],
  ])('throws on what the work %s, and records its type once', async (_, run) => {
    await expect((async () => run())()).rejects.toBe(failure)
    const spans = await tracing.exported(1)
    expect(spans.flatMap(({ events }) => events)).toMatchObject([{ attributes: { 'exception.type': 'RangeError' } }])
    expect(spans.every(({ status }) => status.code === 2)).toBe(true)
    expect(JSON.stringify(spans.map(({ attributes, events, status }) => [attributes, events, status]))).not.toContain(
      'secret',
    )
  })

  it.each(['text', 0, null, undefined, Symbol('s'), { name: 'Odd' }])(
    'takes %s for an error as well',
    async (thrown) => {
      let caught: unknown = 'nothing'
      try {
        tracing.span('fails', () => {
          throw thrown
        })
      } catch (error) {
        caught = error
      }
      expect(caught).toBe(thrown)
      const [span] = await tracing.exported()
      expect(span?.attributes['error.type']).toBe(thrown === null ? 'null' : typeof thrown)
    },
  )

  it('asks a lazy thenable once', async () => {
    let asked = 0
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: that is what a query builder is
      then: (done: (rows: number) => void) => {
        asked++
        done(7)
      },
    }
    expect(await (tracing.span('query', () => query) as unknown as Promise<number>)).toBe(7)
    expect(asked).toBe(1)
    await tracing.exported()
  })

  it('keeps the exchange of the scope around it', async () => {
    const app = new Hono().use(observe(tracing.http())).get('/', (c) =>
      tracing.span('work', () => {
        currentScope()?.exchange?.addWork('db', 2)
        return c.json([...(currentScope()?.exchange?.work ?? [])])
      }),
    )
    expect(await (await app.request('/')).json()).toEqual([['db', { count: 1, durationMs: 2 }]])
    await tracing.exported(2)
  })

  it('only runs the work while tracing is off', () => {
    expect(off.span('x', (span) => [span.isRecording(), currentScope()])).toEqual([false, undefined])
    expect(() =>
      off.span('x', {}, () => {
        throw failure
      }),
    ).toThrow(failure)
  })
})

describe('spans with names of their own', () => {
  it('have the names and attributes that dashboards know', async () => {
    tracing.ai({ provider: 'openai', operation: 'chat', model: 'gpt-x' }, () => 1)
    tracing.aiInference({ model: 'gpt-x', promptLength: 12 }, () => 1)
    tracing.terraform('plan', () => 1)
    tracing.agentDispatch('pool-1', () => 1)
    tracing.sqlQuery({ statement: "select * from users where name = 'secret' -- note" }, () => 1)
    expect((await tracing.exported(5)).map(({ name, attributes }) => [name, attributes])).toEqual([
      [
        'ai.openai.chat',
        { 'gen_ai.provider.name': 'openai', 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-x' },
      ],
      ['ai.inference', { component: 'ai', 'gen_ai.request.model': 'gpt-x', 'ai.prompt.length': 12 }],
      ['terraform.plan', { 'terraform.operation': 'plan' }],
      ['agent.dispatch', { 'agent.pool.id': 'pool-1' }],
      [
        'sql.query',
        {
          component: 'database',
          'db.system.name': 'postgresql',
          'db.query.text': 'select * from users where name = ?',
        },
      ],
    ])
  })

  it.each([
    ["select 'a''b', 1.5e3, 0x1F, $1, :name, t1.c2 from t1", 'select ?, ?, ?, $1, :name, t1.c2 from t1'],
    ["select E'it\\'s', x", 'select ?, x'],
    ["select 'C:\\', 'secret'", 'select ?'],
    ['select $$secret$$, $tag$sec$$ret$tag$ from "Odd ""name"" 1"', 'select ?, ? from "Odd ""name"" 1"'],
    ['select /* secret 1 */ a -- secret 2\n from b', 'select   a  \n from b'],
    ["select 'never closed secret", 'select ?'],
    ["insert into t values (-5, 'x', null, true)", 'insert into t values (-?, ?, null, true)'],
  ])('%s becomes %s', async (statement, text) => {
    tracing.sqlQuery({ statement }, () => 1)
    const [span] = await tracing.exported()
    expect(span?.attributes['db.query.text']).toBe(text)
  })
})

describe('tracing.detach', () => {
  it('runs work outside of the request, in a trace that links to it', async () => {
    let seen: unknown[] = []
    let detached: Promise<void> | undefined
    const app = new Hono().use(observe(tracing.http())).get('/', (c) => {
      detached = tracing.detach('mail', () => {
        seen = [currentScope()?.exchange, tracing.context()?.traceId]
      })
      return c.text('done')
    })
    const response = await app.request('/')
    expect(seen).toEqual([])
    await detached
    const spans = await tracing.exported(2)
    const [server, mail] = [spans.find(({ kind }) => kind === 1), spans.find(({ name }) => name === 'mail')]
    expect(seen).toEqual([undefined, mail?.spanContext().traceId])
    expect(mail?.parentSpanContext).toBeUndefined()
    expect(mail?.links.map(({ context }) => context.spanId)).toEqual([server?.spanContext().spanId])
    expect(mail?.spanContext().traceId).not.toBe(response.headers.get('x-trace-id'))
  })

  it('reports what the work throws, and rejects never', async () => {
    const reported: unknown[] = []
    const on = await createTracingWithSink({
      onDetachedError: (error, name) => {
        reported.push(error, name)
        throw error
      },
    })
    await on.detach('mail', () => Promise.reject(failure))
    await on.detach(() => {
      throw failure
    })
    expect(reported).toEqual([failure, 'mail', failure, 'detached'])
    expect((await on.exported(2)).map(({ status }) => status.code)).toEqual([2, 2])
    await tracing.detach(() => {
      throw failure
    })
    await tracing.exported()
  })

  it('runs the work while tracing is off too, outside of the scope', async () => {
    let scope: unknown = 'none'
    await runInScope({ exchange: undefined, span: { traceId: 'a', spanId: 'b', sampled: true } }, () =>
      off.detach(() => {
        scope = currentScope()?.span
      }),
    )
    expect(scope).toBeUndefined()
  })
})

describe('tracing.tracer', () => {
  it('starts spans below the current one, in every form', async () => {
    const { tracer } = tracing
    const parent = tracing.span('parent', () => {
      tracer.startSpan('a').end()
      tracer.startActiveSpan('b', (span) => span.end())
      tracer.startActiveSpan('c', { kind: 2 }, (span) => {
        tracer.startSpan('d').end()
        span.end()
      })
      return tracing.context()?.spanId
    })
    tracer.startSpan('alone').end()
    const spans = await tracing.exported(6)
    const parents = Object.fromEntries(spans.map(({ name, parentSpanContext }) => [name, parentSpanContext?.spanId]))
    const c = spans.find(({ name }) => name === 'c')?.spanContext().spanId
    expect(parents).toEqual({ a: parent, b: parent, c: parent, d: c, parent: undefined, alone: undefined })
  })

  it('takes the parent from a context that has one, and none for a root', async () => {
    const { trace, ROOT_CONTEXT } = await import('@opentelemetry/api')
    const { tracer } = tracing
    tracing.span('parent', () => {
      const other = tracer.startSpan('other', { root: true })
      tracer.startSpan('given', {}, trace.setSpan(ROOT_CONTEXT, other)).end()
      tracer.startActiveSpan('empty', {}, ROOT_CONTEXT, (span) => span.end())
      other.end()
    })
    const spans = await tracing.exported(4)
    const idOf = (name: string) => spans.find((span) => span.name === name)?.spanContext().spanId
    const parents = Object.fromEntries(spans.map(({ name, parentSpanContext }) => [name, parentSpanContext?.spanId]))
    expect(parents).toEqual({ other: undefined, given: idOf('other'), empty: idOf('parent'), parent: undefined })
  })

  it('takes links and a time of the start', async () => {
    const link = { context: { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: 1 } }
    tracing.span('parent', () => {
      tracing.tracer.startSpan('linked', { links: [link] }).end()
      tracing.tracer.startSpan('earlier', { startTime: new Date(0), attributes: { a: 1 } }).end()
    })
    const [linked, earlier, parent] = await tracing.exported(3)
    expect(linked?.links).toMatchObject([link])
    expect(earlier).toMatchObject({ startTime: [0, 0], attributes: { a: 1 } })
    for (const span of [linked, earlier]) expect(span?.parentSpanContext?.spanId).toBe(parent?.spanContext().spanId)
  })

  it('makes none that records below one that does not', async () => {
    const quiet = await createTracingWithSink({ samplingRatio: 0 })
    const seen = quiet.span('parent', () => {
      const span = quiet.tracer.startSpan('child')
      span.setAttribute('a', 1).setAttributes({}).addEvent('e').addLink({ context: span.spanContext() }).addLinks([])
      span.setStatus({ code: 2 }).updateName('n').recordException('x')
      span.end()
      return [span.isRecording(), span.spanContext().traceId === quiet.context()?.traceId]
    })
    expect(seen).toEqual([false, true])
  })

  it('has spans that are nothing while tracing is off', () => {
    expect(off.tracer.startSpan('x').isRecording()).toBe(false)
    expect(off.tracer.startActiveSpan('x', { kind: 1 }, () => currentScope() ?? 'no scope')).toBe('no scope')
  })
})

describe('tracing.baggage', () => {
  it('is what the caller sent, decoded', async () => {
    const app = new Hono().use(observe(tracing.http())).get('/', (c) => c.json([...tracing.baggage()]))
    const response = await app.request('/', { headers: { baggage: 'a=1;p=2, b=%C3%BC,c=%zz, nonsense' } })
    expect(await response.json()).toEqual([
      ['a', '1'],
      ['b', 'ü'],
      ['c', '%zz'],
    ])
    expect([...tracing.baggage()]).toEqual([])
    await tracing.exported()
  })
})
