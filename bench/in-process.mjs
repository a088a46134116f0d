/**
 * One request to an app without a network, as the runtime's server would make it.
 *
 * @module
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { Hono } from 'hono'
import { isBun } from './measure.mjs'

/** Node's response without a network: what is written to it has been sent at once. */
class DryResponse extends ServerResponse {
  isSent = false
  get headersSent() {
    return this.isSent
  }
  get writableFinished() {
    return this.isSent
  }
  end() {
    this.isSent = true
    return this
  }
}

/** @param {import('hono').Hono} app */
const fetchCall = (app) => {
  const request = new Request('http://localhost/users/1')
  return () => app.fetch(request)
}

/**
 * What `@hono/node-server` does with a request, but for parsing and sending.
 *
 * @param {import('hono').Hono} app
 */
const adapterCall = (app) => {
  const incoming = Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url: '/users/1' })
  const request = new Request('http://localhost/users/1')
  return async () => {
    const outgoing = new DryResponse(incoming)
    // The adapter listens too.
    outgoing.on('close', adaptersOwn)
    await app.fetch(request, { incoming, outgoing })
    outgoing.end(body)
    outgoing.emit('close')
  }
}
const adaptersOwn = () => {}
const body = '{"id":"1"}'

/**
 * An app with these middleware, and one small handler behind them.
 *
 * @param {readonly import('hono').MiddlewareHandler[]} middleware
 */
export const appWith = (...middleware) => {
  const app = new Hono()
  for (const each of middleware) app.use(each)
  return app.get('/users/:id', (c) => c.json({ id: c.req.param('id') }))
}

/**
 * Middleware that does nothing. Hono answers without its chain where there is none at all.
 *
 * @type {import('hono').MiddlewareHandler}
 */
export const empty = async (_, next) => {
  await next()
}

/**
 * How a request reaches an app: `adapter` is what `@hono/node-server` calls, with light-weight objects in place of the
 * platform's; `fetch` is what a platform that knows them calls, such as Bun.
 *
 * @typedef {'adapter' | 'fetch'} Way
 */

/**
 * Returns what makes, of an app, a function that sends `GET /users/1` to it and is done when the response is.
 * `adapter` puts its objects in place of the platform's for good.
 *
 * @param {Way} way
 * @returns {Promise<(app: import('hono').Hono) => () => unknown>}
 */
export async function caller(way = isBun ? 'fetch' : 'adapter') {
  if (way === 'fetch') return fetchCall
  const { getRequestListener } = await import('@hono/node-server')
  getRequestListener(() => new Response())
  return adapterCall
}
