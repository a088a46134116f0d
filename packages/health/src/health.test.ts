import { runtime, type Served, serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHealth, HealthError, renderPlain } from './index.ts'

const routes = ['/health', '/health/live', '/health/ready', '/health/startup']
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe(`probes over HTTP (${runtime})`, () => {
  let broken = false
  let server: Served
  const health = createHealth({
    cacheMs: 0,
    ready: {
      database: () => !broken,
      search: { check: () => 'never asked', skip: true },
      queue: () => ({ message: 'backlog 3', count: 3 }),
    },
    startup: { leader: () => ({ is_leader: true, count: 2, port: 5080 }) },
  })
  beforeAll(async () => {
    server = await serve(new Hono().route('/', health.routes()).fetch)
  })
  afterAll(() => server.stop())

  it('answers /health with the same bytes each time, whatever the checks say', async () => {
    for (const state of [false, true, false]) {
      broken = state
      const response = await fetch(`${server.url}/health`)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('application/json')
      expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([
        ...new TextEncoder().encode('{"status":"ok"}'),
      ])
    }
  })

  it('answers /health/live with a status and a time and nothing else', async () => {
    const response = await fetch(`${server.url}/health/live`)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'healthy', timestamp: expect.stringMatching(isoTime) })
  })

  it('answers /health/ready with each check, and 200 when none failed', async () => {
    const response = await fetch(`${server.url}/health/ready`)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      status: 'healthy',
      timestamp: expect.stringMatching(isoTime),
      checks: {
        database: { status: 'pass', latency_ms: expect.any(Number) },
        search: { status: 'skip', latency_ms: 0 },
        queue: { status: 'pass', latency_ms: expect.any(Number), message: 'backlog 3' },
      },
    })
  })

  it('answers /health/ready with 503 as long as a check fails', async () => {
    broken = true
    const failed = await fetch(`${server.url}/health/ready`)
    expect(failed.status).toBe(503)
    expect(await failed.json()).toMatchObject({
      status: 'unhealthy',
      checks: { database: { status: 'fail', message: 'failed' }, queue: { status: 'pass' } },
    })
    broken = false
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
  })

  it('shows the extra fields of a startup check', async () => {
    const response = await fetch(`${server.url}/health/startup`)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      status: 'ready',
      timestamp: expect.stringMatching(isoTime),
      checks: { leader: { status: 'pass', latency_ms: expect.any(Number), is_leader: true, count: 2, port: 5080 } },
    })
  })

  it('answers HEAD like GET, without a body, and forbids caching on every route', async () => {
    for (const state of [false, true]) {
      broken = state
      for (const path of routes) {
        const get = await fetch(server.url + path)
        const head = await fetch(server.url + path, { method: 'HEAD' })
        expect([path, head.status]).toEqual([path, get.status])
        expect(await head.text()).toBe('')
        expect((await get.text()).length).toBeGreaterThan(0)
        expect(get.headers.get('cache-control')).toBe('no-store')
        expect(head.headers.get('cache-control')).toBe('no-store')
      }
    }
    broken = false
  })
})

describe('startup', () => {
  it('is "starting" until its checks have passed once, then stays "ready" and asks no more', async () => {
    let passes = false
    let runs = 0
    const migrated = (): boolean => {
      runs += 1
      return passes
    }
    const health = createHealth({ ready: {}, startup: { migrated }, cacheMs: 0 })
    const app = health.routes()
    const starting = await app.request('/health/startup')
    expect(starting.status).toBe(503)
    expect(await starting.json()).toMatchObject({ status: 'starting', checks: { migrated: { status: 'fail' } } })
    passes = true
    expect((await app.request('/health/startup')).status).toBe(200)
    passes = false
    const later = await app.request('/health/startup')
    expect(later.status).toBe(200)
    expect(await later.json()).toMatchObject({ status: 'ready', checks: { migrated: { status: 'pass' } } })
    expect(runs).toBe(2)
  })

  it('shows the fields of a failed check that gives them', async () => {
    const elected = (): never => {
      throw new HealthError('no leader yet', { details: { is_leader: false } })
    }
    const app = createHealth({ ready: {}, startup: { elected } }).routes()
    expect(await (await app.request('/health/startup')).json()).toMatchObject({
      checks: { elected: { status: 'fail', message: 'no leader yet', is_leader: false } },
    })
  })
})

describe('liveness', () => {
  it('fails with a check of its own and not with one of readiness', async () => {
    const down = (): boolean => false
    expect((await createHealth({ ready: { down } }).routes().request('/health/live')).status).toBe(200)
    const deadlocked = await createHealth({ ready: {}, live: { down } }).routes().request('/health/live')
    expect(deadlocked.status).toBe(503)
    expect(await deadlocked.json()).toMatchObject({ status: 'unhealthy', checks: { down: { status: 'fail' } } })
  })
})

describe('rendering and paths', () => {
  it('moves routes and leaves out those set to false', async () => {
    const app = createHealth({ ready: {}, paths: { health: false, ready: '/readyz' } }).routes()
    expect((await app.request('/readyz')).status).toBe(200)
    expect((await app.request('/health')).status).toBe(404)
    expect((await app.request('/health/ready')).status).toBe(404)
    expect((await app.request('/health/live')).status).toBe(200)
  })

  it('takes an envelope for single handlers beside the plain routes', async () => {
    const health = createHealth({ ready: { storage: () => true, cluster: () => false } })
    const app = new Hono()
    app.get(
      '/ready',
      health.ready((report, context) => {
        const checks = Object.fromEntries(
          Object.entries(report.checks).map(([name, { status, message }]) => [
            name,
            status === 'fail' ? message : 'ok',
          ]),
        )
        return report.ok
          ? context.json({ code: 'OK', data: { status: 'ready', checks } })
          : context.json({ code: 'TM-SYS-5030', details: { checks } }, 503)
      }),
    )
    app.route('/', health.routes())
    const enveloped = await app.request('/ready')
    expect(enveloped.status).toBe(503)
    expect(enveloped.headers.get('cache-control')).toBe('no-store')
    expect(await enveloped.json()).toEqual({
      code: 'TM-SYS-5030',
      details: { checks: { storage: 'ok', cluster: 'failed' } },
    })
    expect(await (await app.request('/health/ready')).json()).toMatchObject({ status: 'unhealthy' })
  })

  it('gives the report to a renderer of all routes', async () => {
    const seen: unknown[] = []
    const app = createHealth({
      ready: {},
      now: () => 0,
      render: (report, context) => {
        seen.push(report)
        return renderPlain(report, context)
      },
    }).routes()
    for (const path of routes) expect((await app.request(path)).headers.get('cache-control')).toBe('no-store')
    expect(seen).toEqual(
      ['health', 'live', 'ready', 'startup'].map((probe) => ({ probe, ok: true, timestamp: 0, checks: {} })),
    )
  })
})
