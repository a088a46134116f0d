import { createObserver, type Exchange, observe } from '@honoscope/core'
import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import { cors } from 'hono/cors'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { mount } from 'hono/mount'
import { describe, expect, it } from 'vitest'

/** An observed app, and `[route, status]` of the last exchange. */
function observed(build: (app: Hono) => void): { app: Hono; last: () => [string, number] | undefined } {
  const app = new Hono()
  let last: [string, number] | undefined
  const note = (x: Exchange): void => {
    last = [x.route, x.status]
  }
  app.use(createObserver({ app })({ name: 'note', end: note }))
  build(app)
  return { app, last: () => last }
}

const ok = new Hono().get('/users/:id', (c) => c.text('ok'))

const cases: [name: string, build: (app: Hono) => void, request: [string, RequestInit?], expected: [string, number]][] =
  [
    ['a plain route', (app) => app.get('/users/:id', (c) => c.text('ok')), ['/users/7'], ['/users/:id', 200]],
    ['a sub-app', (app) => app.route('/api', ok), ['/api/users/7'], ['/api/users/:id', 200]],
    [
      'a sub-app of a sub-app',
      (app) => app.route('/v1', new Hono().route('/api', ok)),
      ['/v1/api/users/7'],
      ['/v1/api/users/:id', 200],
    ],
    [
      'nested base paths',
      (app) =>
        app.route(
          '/',
          new Hono()
            .basePath('/a')
            .basePath('/b')
            .get('/c', (c) => c.text('ok')),
        ),
      ['/a/b/c'],
      ['/a/b/c', 200],
    ],
    [
      'a sub-app with its own onError',
      (app) => {
        const sub = new Hono().get('/fails', () => {
          throw new Error('no')
        })
        sub.onError((_, c) => c.text('handled', 418))
        app.route('/sub', sub)
      },
      ['/sub/fails'],
      ['/sub/fails', 418],
    ],
    [
      'a mounted app',
      (app) => app.mount('/legacy', () => new Response('ok')),
      ['/legacy/deep/path'],
      ['/legacy/*', 200],
    ],
    [
      'the mount helper',
      (app) =>
        app.all(
          '/legacy/*',
          mount(() => new Response('ok')),
        ),
      ['/legacy/deep'],
      ['/legacy/*', 200],
    ],
    ['a catch-all handler', (app) => app.all('*', (c) => c.text('spa')), ['/any/thing'], ['/*', 200]],
    [
      'a middleware behind the route',
      (app) => app.get('/x', (c) => c.text('ok')).use(async (_, next) => next()),
      ['/x'],
      ['/x', 200],
    ],
    [
      'a handler that takes next',
      (app) => app.get('/x/:y', async (c, _next) => c.text('ok')),
      ['/x/1'],
      ['/x/:y', 200],
    ],
    ['a handler that answers 404 itself', (app) => app.get('/x/:y', (c) => c.notFound()), ['/x/1'], ['/x/:y', 404]],
    [
      'a 401 from a middleware',
      (app) => app.use('/admin/*', bearerAuth({ token: 'secret' })).get('/admin/keys/:id', (c) => c.text('ok')),
      ['/admin/keys/1'],
      ['/admin/keys/:id', 401],
    ],
    [
      'a 401 from a middleware on the route itself',
      (app) => app.get('/keys/:id', bearerAuth({ token: 'secret' }), (c) => c.text('ok')),
      ['/keys/1'],
      ['/keys/:id', 401],
    ],
    [
      'a 401 where there is no route',
      (app) => app.use('*', bearerAuth({ token: 'secret' })),
      ['/nothing'],
      ['unmatched', 401],
    ],
    [
      'a 405 by the methodNotAllowed middleware',
      (app) => app.use(methodNotAllowed({ app })).get('/x/:y', (c) => c.text('ok')),
      ['/x/1', { method: 'DELETE' }],
      ['/x/:y', 405],
    ],
    [
      'a CORS preflight',
      (app) =>
        app
          .use(cors())
          .get('/x/:y', (c) => c.text('get'))
          .post('/x/1', (c) => c.text('post')),
      ['/x/1', { method: 'OPTIONS', headers: { Origin: 'http://a.example', 'Access-Control-Request-Method': 'POST' } }],
      ['/x/1', 204],
    ],
    [
      'a CORS preflight to nowhere',
      (app) => app.use(cors()),
      ['/x', { method: 'OPTIONS', headers: { 'Access-Control-Request-Method': 'POST' } }],
      ['unmatched', 204],
    ],
    ['a path without a route', (app) => app.get('/x', (c) => c.text('ok')), ['/secret-path-42'], ['unmatched', 404]],
    [
      'static files',
      (app) => app.use('/static/*', async (c, _next) => c.text('css')),
      ['/static/a/b.css'],
      ['/static/*', 200],
    ],
    ['HEAD', (app) => app.get('/x/:y', (c) => c.text('ok')), ['/x/1', { method: 'HEAD' }], ['/x/:y', 200]],
  ]

describe('route', () => {
  it.each(cases)('is the template for %s', async (_name, build, [path, init], expected) => {
    const { app, last } = observed(build)
    // Read to its end: a body that streams has not ended before.
    await (await app.request(path, init)).arrayBuffer()
    expect(last()).toEqual(expected)
  })

  it('is unmatched for a preflight when the observer does not know the app', async () => {
    const routes: string[] = []
    const app = new Hono()
    app.use(observe({ name: 'note', end: (x) => void routes.push(x.route) }), cors())
    app.get('/x', (c) => c.text('ok'))
    await app.request('/x', { method: 'OPTIONS' })
    expect(routes).toEqual(['unmatched'])
  })

  it('is known before the handler ran', async () => {
    const routes: string[] = []
    const app = new Hono()
    app.use(observe({ name: 'note', start: (x) => void routes.push(x.route) }))
    app.get('/users/:id', (c) => c.text('ok'))
    await app.request('/users/1')
    expect(routes).toEqual(['/users/:id'])
  })
})

describe('method', () => {
  it.each(['PURGE', 'get', 'TRACE', 'x'.repeat(100)])('folds %s', async (method) => {
    const methods: string[] = []
    const app = new Hono()
    app.use(observe({ name: 'note', end: (x) => void methods.push(x.method) }))
    // The platform's Request puts known methods into capitals and refuses TRACE; a server passes on what was sent.
    const request = new Proxy(new Request('http://localhost/'), {
      get: (target, key) => (key === 'method' ? method : Reflect.get(target, key, target)),
    })
    await app.fetch(request)
    expect(methods).toEqual(['_OTHER'])
  })
})
