import { createObserver, type Fault, type HookName, type Instrument } from '@honoscope/core'
import { serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'

const hooks: readonly HookName[] = ['start', 'around', 'respond', 'end']
const never = new Promise<never>(() => {})

/** How a hook can fail. `around` calls no `next` in any of these. */
const failures: Record<string, () => unknown> = {
  throws: () => {
    throw new Error('hook')
  },
  'throws a string': () => {
    throw 'hook'
  },
  rejects: () => Promise.reject(new Error('hook')),
}

/** An observed app on a real port, with the faulty instrument between two that take note. */
async function served(faulty: Instrument<unknown>, log?: (message: string) => void) {
  const faults: Fault[] = []
  const ends: string[] = []
  const app = new Hono()
  const observe = createObserver({ app, ...(log ? { log } : {}) })
  app.use(
    observe({ name: 'first', end: () => void ends.push('first'), fault: (fault) => void faults.push(fault) }, faulty, {
      name: 'last',
      end: () => void ends.push('last'),
    }),
  )
  app.get('/x', (c) => c.json({ ok: true }, 201, { 'X-Own': '1' }))
  app.get('/fails', () => Promise.reject(new Error('app')))
  app.onError((error, c) => c.text(error.message, 503))
  const server = await serve(app.fetch)
  return { server, faults, ends }
}

async function shown(response: Response): Promise<unknown> {
  return [response.status, response.headers.get('x-own'), response.headers.get('content-length'), await response.text()]
}

describe.each(hooks)('a failing %s hook', (hook) => {
  it.each(Object.keys(failures))('that %s changes nothing for the client and is counted', async (how) => {
    const { server, faults, ends } = await served({ name: 'faulty', [hook]: failures[how] })
    expect(await shown(await fetch(`${server.url}/x`))).toEqual([201, '1', '11', '{"ok":true}'])
    await settled(() => ends.length === 2 && faults.length === 1)
    expect(ends).toEqual(['first', 'last'])
    expect(faults).toMatchObject([{ instrument: 'faulty', hook }])
    await server.stop()
  })

  it('leaves the app its own error', async () => {
    const { server, faults } = await served({ name: 'faulty', [hook]: failures.throws })
    expect(await shown(await fetch(`${server.url}/fails`))).toEqual([503, null, '3', 'app'])
    await settled(() => faults.length === 1)
    await server.stop()
  })
})

describe('a hook that never settles', () => {
  it.each(['start', 'respond', 'end'] as const)('holds nothing up in %s', async (hook) => {
    const { server, ends } = await served({ name: 'faulty', [hook]: () => never })
    expect(await shown(await fetch(`${server.url}/x`))).toEqual([201, '1', '11', '{"ok":true}'])
    await settled(() => ends.length === 2)
    await server.stop()
  })

  it('holds nothing up in around, once the chain has run', async () => {
    const { server, ends } = await served({
      name: 'faulty',
      async around(_x, _state, next) {
        await next()
        await never
      },
    })
    expect((await fetch(`${server.url}/x`)).status).toBe(201)
    await settled(() => ends.length === 2)
    await server.stop()
  })
})

describe('around', () => {
  it('that throws after next, or swallows the error of next, changes nothing', async () => {
    const { server, faults } = await served({
      name: 'faulty',
      async around(_x, _state, next) {
        await next()
        throw new Error('late')
      },
    })
    expect((await fetch(`${server.url}/x`)).status).toBe(201)
    await settled(() => faults.length === 1)
    await server.stop()
  })

  it('runs the chain once, whoever calls next how often', async () => {
    let runs = 0
    const app = new Hono()
    const greedy: Instrument = {
      name: 'greedy',
      async around(_x, _state, next) {
        await Promise.all([next(), next()])
      },
    }
    const idle: Instrument = { name: 'idle', around: () => Promise.resolve() }
    app.use(createObserver()(greedy, idle))
    app.get('/x', (c) => c.text(`${++runs}`))
    expect(await (await app.request('/x')).text()).toBe('1')
  })

  it('does not count the error of the app as its own', async () => {
    const faults: Fault[] = []
    const app = new Hono()
    app.use(
      createObserver()({
        name: 'passing',
        around: (_x, _state, next) => next(),
        fault: (fault) => void faults.push(fault),
      }),
    )
    app.get('/x', () => Promise.reject('not an Error'))
    await expect(app.request('/x')).rejects.toBe('not an Error')
    expect(faults).toEqual([])
  })

  it('nests in the order of the instruments', async () => {
    const order: string[] = []
    const step = (name: string): Instrument => ({
      name,
      async around(_x, _state, next) {
        order.push(`${name} in`)
        await next()
        order.push(`${name} out`)
      },
    })
    const app = new Hono()
    app.use(createObserver()(step('a'), step('b')))
    app.get('/x', (c) => c.text(order.push('handler').toString()))
    await app.request('/x')
    expect(order).toEqual(['a in', 'b in', 'handler', 'b out', 'a out'])
  })
})

describe('the guard', () => {
  it('does not call the other hooks of an instrument whose start failed', async () => {
    const called: string[] = []
    const { server, ends } = await served({
      name: 'faulty',
      start: failures.throws as () => unknown,
      around(_x, _s, next) {
        called.push('around')
        return next()
      },
      respond: () => void called.push('respond'),
      end: () => void called.push('end'),
    })
    await fetch(`${server.url}/x`)
    await settled(() => ends.length === 2)
    expect(called).toEqual([])
    await server.stop()
  })

  it('logs each hook at most once a minute, without a word of the error', async () => {
    const lines: string[] = []
    let now = 0
    const app = new Hono()
    const secret = (): never => {
      throw new Error('tmtk_secret')
    }
    app.use(
      createObserver({ clock: () => now, log: (line) => void lines.push(line) })({ name: 'faulty', start: secret }),
    )
    for (let i = 0; i < 100; i++) await app.request('/x')
    expect(lines).toEqual(['Instrument "faulty" failed in its "start" hook'])
    now = 60_000
    await app.request('/x')
    expect(lines).toHaveLength(2)
  })

  it('survives a counter and a log that fail themselves', async () => {
    const { server, ends } = await served(
      { name: 'faulty', end: failures.throws as () => void, fault: failures.throws as () => void },
      () => {
        throw new Error('log')
      },
    )
    expect((await fetch(`${server.url}/x`)).status).toBe(201)
    await settled(() => ends.length === 2)
    await server.stop()
  })

  it('hands each instrument its own state', async () => {
    const states: unknown[] = []
    const app = new Hono()
    const numbered = (n: number): Instrument<number> => ({
      name: `i${n}`,
      start: () => n,
      end: (_x, state) => void states.push(state),
    })
    app.use(createObserver()(numbered(1), numbered(2), numbered(3)))
    await app.request('/x')
    expect(states).toEqual([1, 2, 3])
  })
})

/** Waits until `condition` holds; fails after two seconds. */
async function settled(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 2000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
