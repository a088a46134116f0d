import { type Served, serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { createHealth, type InFlight } from './index.ts'

/** Counts requests as the middleware that it is, and tells when there is none. */
function tracker(): InFlight & { track<T>(work: () => Promise<T>): Promise<T> } {
  let count = 0
  let wake = (): void => {}
  return {
    get count() {
      return count
    },
    idle: (timeoutMs) =>
      new Promise((resolve) => {
        if (count === 0) resolve(true)
        wake = () => resolve(true)
        setTimeout(() => resolve(false), timeoutMs)
      }),
    async track(work) {
      count += 1
      try {
        return await work()
      } finally {
        count -= 1
        if (count === 0) wake()
      }
    },
  }
}

describe('drain', () => {
  it('turns readiness to 503 at once, leaves the rest alone, and lets a running request end', async () => {
    const inFlight = tracker()
    const health = createHealth({ ready: { database: () => true }, startup: { done: () => true }, inFlight })
    let release = (): void => {}
    const app = new Hono().route('/', health.routes())
    app.get('/slow', async (c) => {
      await inFlight.track(
        () =>
          new Promise<void>((resolve) => {
            release = resolve
          }),
      )
      return c.text('whole')
    })
    const server: Served = await serve(app.fetch)
    try {
      const ready = (): Promise<Response> => fetch(`${server.url}/health/ready`)
      expect((await ready()).status).toBe(200)
      expect(health.draining).toBe(false)
      const slow = fetch(`${server.url}/slow`)
      while (inFlight.count === 0) await new Promise((resolve) => setTimeout(resolve, 5))

      let drained: boolean | undefined
      const drain = health.drain({ graceMs: 20, timeoutMs: 20_000 })
      void drain.then((idle) => {
        drained = idle
      })
      expect(health.draining).toBe(true)
      const refused = await ready()
      expect(refused.status).toBe(503)
      expect(await refused.json()).toMatchObject({
        status: 'unhealthy',
        checks: {
          database: { status: 'pass' },
          shutdown: { status: 'fail', latency_ms: 0, message: 'shutting down' },
        },
      })
      for (const path of ['/health', '/health/live', '/health/startup']) {
        expect([path, (await fetch(server.url + path)).status]).toEqual([path, 200])
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(drained).toBeUndefined()
      release()
      expect(await drain).toBe(true)
      expect(await (await slow).text()).toBe('whole')
    } finally {
      release()
      await server.stop()
    }
  })

  it('fails a probe that was waiting for its checks when the drain began', async () => {
    let pass = (_: boolean): void => {}
    const health = createHealth({
      ready: {
        slow: () =>
          new Promise((resolve) => {
            pass = resolve
          }),
      },
    })
    const probe = health.check('ready')
    void health.drain()
    pass(true)
    expect(await probe).toMatchObject({ ok: false, checks: { slow: { status: 'pass' }, shutdown: { status: 'fail' } } })
  })

  it('gives up when the time is over, with a request left or a tracker that hangs or throws', async () => {
    const trackers: InFlight[] = [
      { count: 1, idle: (timeoutMs) => new Promise((resolve) => setTimeout(() => resolve(false), timeoutMs)) },
      { count: 1, idle: () => new Promise(() => {}) },
      {
        count: 1,
        idle: () => {
          throw new Error('broken')
        },
      },
      { count: 1, idle: () => Promise.reject(new Error('broken')) },
    ]
    for (const inFlight of trackers) {
      expect(await createHealth({ ready: {}, inFlight }).drain({ timeoutMs: 30 })).toBe(false)
    }
  })

  it('takes the grace out of the time for the whole', async () => {
    const asked: number[] = []
    let at = 0
    const health = createHealth({
      ready: {},
      clock: () => at,
      timer: (run, delayMs) => {
        at += delayMs
        queueMicrotask(run)
        return () => {}
      },
      inFlight: {
        count: 0,
        idle: async (timeoutMs) => {
          asked.push(timeoutMs)
          return true
        },
      },
    })
    await health.drain({ graceMs: 5_000, timeoutMs: 30_000 })
    expect(asked).toEqual([25_000])
  })

  it('is one, however often it is called', () => {
    const health = createHealth({ ready: {} })
    expect(health.drain()).toBe(health.drain({ graceMs: 1 }))
  })

  it('rejects a wrong option with its name, and is not ready all the same', async () => {
    for (const [options, name] of [
      [{ graceMs: -1 }, /graceMs/],
      [{ timeoutMs: Number.NaN }, /timeoutMs/],
      [{ graceMs: 10, timeoutMs: 5 }, /graceMs \(10\)/],
    ] as const) {
      const health = createHealth({ ready: {} })
      await expect(health.drain(options)).rejects.toThrow(name)
      expect((await health.check('ready')).ok).toBe(false)
    }
  })
})
