import { type Exchange, type Instrument, observe } from '@honoscope/core'
import { type Served, serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import { afterEach, describe, expect, it } from 'vitest'
import { type AccessLogOptions, accessLog, createLogger } from './index.ts'

const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true }
/** What a tracing and a database package do to an exchange. */
const others: Instrument = {
  name: 'others',
  start(x) {
    x.span = span
    x.addWork('db', 2)
    x.addWork('db', 3.5)
  },
}

let served: Served | undefined
afterEach(async () => {
  await served?.stop()
  served = undefined
})

/** Serves a small app and returns what fetches from it, and the lines, once there are so many. */
async function start(options: AccessLogOptions = {}, level: 'info' | 'error' = 'info') {
  const lines: string[] = []
  const logger = createLogger({ level, destination: (line) => lines.push(line) })
  const app = new Hono()
  app.use(observe(others, accessLog(logger.named('http'), options)))
  app.get('/users/:id', (c) => {
    logger.info('in the handler')
    return c.text('hello')
  })
  app.get('/health/live', (c) => c.text('ok'))
  app.get('/refused', (c) => c.text('no', 403))
  app.get('/thrown', () => {
    throw new Error('boom')
  })
  app.get('/stream', (c) =>
    stream(c, async (to) => {
      await to.write('a')
      await to.sleep(30)
      await to.write('b')
    }),
  )
  served = await serve(app.fetch)
  const { url } = served
  const parsed = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line))
  const requests = () => parsed().filter((line) => line.logger === 'http')
  return {
    parsed,
    lines,
    get: async (path: string) => (await fetch(url + path)).text(),
    async requests(count: number) {
      const until = Date.now() + 5000
      while (requests().length < count && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 5))
      // A line too many would come soon after.
      await new Promise((resolve) => setTimeout(resolve, 30))
      expect(requests()).toHaveLength(count)
      return requests()
    },
  }
}

describe('accessLog', () => {
  it('writes one line at the end, with template, status, times, bytes, work and span, and neither path nor query', async () => {
    const to = await start()
    await to.get('/users/4711?q=4711')
    const [line] = await to.requests(1)
    expect(line).toMatchObject({
      level: 'INFO',
      message: 'request',
      method: 'GET',
      route: '/users/:id',
      status: 200,
      outcome: 'ok',
      response_bytes: 5,
      db_count: 2,
      db_ms: 5.5,
      trace_id: span.traceId,
      span_id: span.spanId,
    })
    expect(line?.duration_ms).toBeGreaterThan(0)
    expect(to.lines.join('')).not.toMatch(/4711|user.agent|127\.0/i)
  })

  it('lets lines of the handler find the span', async () => {
    const to = await start()
    await to.get('/users/1')
    await to.requests(1)
    expect(to.parsed()[0]).toMatchObject({ message: 'in the handler', trace_id: span.traceId })
  })

  it('times a stream to its end', async () => {
    const to = await start()
    await to.get('/stream')
    const [line] = await to.requests(1)
    expect(line?.duration_ms).toBeGreaterThan(25)
    expect(line).toMatchObject({ response_bytes: 2 })
  })

  it('grades by status, and tells the error of what failed', async () => {
    const to = await start()
    for (const path of ['/refused', '/nowhere', '/thrown']) await to.get(path)
    const lines = await to.requests(3)
    expect(lines.map(({ level, status }) => [level, status])).toEqual([
      ['WARN', 403],
      ['WARN', 404],
      ['ERROR', 500],
    ])
    expect(lines[2]).toMatchObject({ error: { type: 'Error', message: 'boom' } })
  })

  it.each<[string, AccessLogOptions]>([
    ['a template', { skip: ['/users/:id'] }],
    ['a beginning', { skip: ['/users/*'] }],
    ['a function', { skip: (x) => x.route.startsWith('/users') }],
    ['chance', { sample: 0.5, random: () => 0.5 }],
  ])('leaves out what %s says', async (_, options) => {
    const to = await start(options)
    await to.get('/users/1')
    await to.get('/refused')
    expect(await to.requests(1)).toMatchObject([{ route: '/refused' }])
  })

  it('says of a sampled line how many it stands for', async () => {
    const to = await start({ sample: 0.5, random: () => 0.4 })
    await to.get('/users/1')
    expect(await to.requests(1)).toMatchObject([{ sample: 0.5 }])
  })

  it('has fields, a level and a path of your own, the path masked', async () => {
    const to = await start({
      path: true,
      level: () => 'error',
      fields: (x: Exchange) => ({ request_id: 'r', ua: x.method }),
    })
    await to.get('/users/tmtk_hush')
    expect(await to.requests(1)).toMatchObject([
      { level: 'ERROR', request_id: 'r', ua: 'GET', path: '/users/tmtk_***REDACTED***' },
    ])
  })

  it('writes its line even if every function that it was given throws', async () => {
    const broken = () => {
      throw new Error('no')
    }
    const to = await start({ level: broken, fields: broken, skip: broken })
    expect(await to.get('/users/1')).toBe('hello')
    expect(await to.requests(1)).toMatchObject([{ level: 'INFO', status: 200 }])
  })

  it('has a line at the usual level for what is no level', async () => {
    const to = await start({ level: () => 'fatal' as 'error' })
    await to.get('/users/1')
    expect(await to.requests(1)).toMatchObject([{ level: 'INFO', status: 200 }])
  })

  it('keeps to the level of its logger', async () => {
    const to = await start({}, 'error')
    await to.get('/users/1')
    await to.requests(0)
  })

  it.each([-1, 1.1, Number.NaN])('refuses a sample of %d', (sample) => {
    expect(() => accessLog(createLogger({ destination: () => {} }), { sample })).toThrow(/^sample: /)
  })
})
