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

// The adapter puts light-weight Request and Response objects in place of the platform's.
if (!isBun) (await import('@hono/node-server')).getRequestListener(() => new Response())

/**
 * A function that sends `GET /users/1` to the app, and is done when the response is.
 *
 * @type {(app: import('hono').Hono) => () => unknown}
 */
export const callOf = isBun ? fetchCall : adapterCall
