import { serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { type ActiveSpan, currentScope, type Exchange, type Instrument, observe, runInScope } from './index.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const span: ActiveSpan = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), sampled: true }

/** An instrument as the tracing one: gives each exchange a span whose id is the request's `n`. */
const tracer: Instrument = {
  name: 'tracer',
  scoped: true,
  start(x) {
    x.span = { ...span, spanId: (x.context.req.query('n') ?? '').padStart(16, '0') }
  },
}

describe('currentScope', () => {
  it('is undefined outside, and where no instrument asked for it', async () => {
    const app = new Hono()
    app.use(observe({ name: 'plain' }))
    app.get('/', (c) => c.text(String(currentScope())))
    expect(currentScope()).toBeUndefined()
    expect(await (await app.request('/')).text()).toBe('undefined')
  })

  it('is the exchange of the request, through awaits, timers and helpers, for many at a time', async () => {
    const app = new Hono()
    app.use(observe(tracer))
    const spanId = () => currentScope()?.span?.spanId
    app.get('/', async (c) => {
      const seen = [spanId()]
      await pause(Math.random() * 5)
      seen.push(spanId())
      await Promise.all([1, 2].map(() => pause(1).then(() => seen.push(spanId()))))
      seen.push(await new Promise<string | undefined>((resolve) => setTimeout(() => resolve(spanId()), 1)))
      return c.json(seen)
    })
    const server = await serve(app.fetch)
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => (await fetch(`${server.url}/?n=${n}`)).json()),
    )
    answers.forEach((seen, n) => {
      expect(seen).toEqual(Array(5).fill(String(n).padStart(16, '0')))
    })
    await server.stop()
  })

  it('is left by the code after the request, and entered by runInScope', async () => {
    const app = new Hono()
    app.use(observe(tracer))
    let exchange: Exchange | undefined
    app.get('/', (c) => {
      exchange = currentScope()?.exchange
      return c.text(runInScope({ exchange: undefined, span: undefined }, () => String(currentScope()?.exchange)))
    })
    expect(await (await app.request('/?n=7')).text()).toBe('undefined')
    expect(exchange?.route).toBe('/')
    expect(currentScope()).toBeUndefined()
    expect(runInScope({ exchange, span }, () => currentScope()?.span)).toBe(span)
    expect(runInScope({ exchange, span }, () => runInScope(undefined, currentScope))).toBeUndefined()
  })

  it('keeps the span of an outer observer until the inner one has its own', async () => {
    const app = new Hono()
    const inner: Instrument = { name: 'inner', scoped: true }
    app.use(observe(tracer), observe(inner))
    app.get('/', (c) => c.text(currentScope()?.span?.spanId ?? 'none'))
    expect(await (await app.request('/?n=5')).text()).toBe('5'.padStart(16, '0'))
  })
})

describe('the work of an exchange', () => {
  it('is added up by kind, and its kinds are bounded', async () => {
    let ended: Exchange | undefined
    const app = new Hono()
    const reader: Instrument = {
      name: 'reader',
      scoped: true,
      end(x) {
        ended = x
      },
    }
    app.use(observe(reader))
    app.get('/', (c) => {
      const x = currentScope()?.exchange
      x?.addWork('db', 2)
      x?.addWork('db', 3.5)
      for (let i = 0; i < 1_000; i++) x?.addWork(`made up ${i}`, 1)
      return c.text('')
    })
    app.get('/idle', (c) => c.text(''))
    await app.request('/')
    expect(ended?.work.get('db')).toEqual({ count: 2, durationMs: 5.5 })
    expect(ended?.work.size).toBe(16)
    await app.request('/idle')
    expect(ended?.work.size).toBe(0)
  })
})
