import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { problem } from './problem.ts'

const minChars = 16
const realm = 'Bearer realm="alerts"'

/**
 * Returns middleware that lets a request pass with one of the bearer tokens, or the middleware that was given.
 *
 * @throws TypeError when there is no token, or one that is short or not printable.
 */
export function authenticate(auth: string | readonly string[] | MiddlewareHandler | undefined): MiddlewareHandler {
  if (typeof auth === 'function') return auth
  const tokens = typeof auth === 'string' ? [auth] : auth
  if (!Array.isArray(tokens) || tokens.length === 0) {
    throw new TypeError('alertWebhook: auth must be a bearer token, several of them, or middleware')
  }
  if (tokens.some((token) => typeof token !== 'string' || token.length < minChars || !/^[\x21-\x7e]+$/.test(token))) {
    throw new TypeError(`alertWebhook: auth: a token has ${minChars} or more printable characters and no space`)
  }
  const hashes = tokens.map(hash)
  return async (c, next) => {
    const presented = /^bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1]
    if (presented === undefined) return refuse('A bearer token is needed.', realm)
    const given = hash(presented)
    // Each is compared, and hashes are equally long: the time tells nothing about any of them.
    const good = hashes.reduce((found, known) => timingSafeEqual(known, given) || found, false)
    if (!good) return refuse('The bearer token is not valid.', `${realm}, error="invalid_token"`)
    return next()
  }
}

const hash = (token: string): Buffer => createHash('sha256').update(token).digest()

const refuse = (detail: string, challenge: string): Response => problem(401, detail, { 'WWW-Authenticate': challenge })
