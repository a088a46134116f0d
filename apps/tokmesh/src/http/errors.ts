/** What becomes of everything that is thrown, and of requests that no route takes. */
import type { Hono, MiddlewareHandler } from 'hono'
import { TokMeshError } from '../domain/errors.ts'
import type { AppContext, AppEnv } from './env.ts'
import { refuse } from './envelope.ts'
import { requestIdFrom } from './request-id.ts'
import { addSecurityHeaders, isSecure } from './security-headers.ts'

/** A fault nobody foresaw becomes `TM-SYS-5000`, and tells the client nothing of itself. */
export function asTokMeshError(error: unknown): TokMeshError {
  if (error instanceof TokMeshError) return error
  return new TokMeshError('TM-SYS-5000', 'Unexpected server fault', { cause: error })
}

/**
 * Gives the request its id, and answers for whatever is thrown behind it. Errors reach the app's `onError`; this
 * catches the rest, since Hono passes on only what is `instanceof Error`.
 */
export const boundary: MiddlewareHandler<AppEnv> = async (c, next) => {
  c.set('requestId', requestIdFrom(c.req.header('x-request-id')))
  try {
    await next()
  } catch (thrown) {
    const error = asTokMeshError(thrown)
    c.error = error
    c.res = refuse(c, error)
  }
  if (c.req.method === 'HEAD') await tellLength(c.res)
}

/** HEAD has the length that GET would have. Hono drops the body later, and Bun then says that there is none. */
async function tellLength(response: Response): Promise<void> {
  if (response.headers.has('content-length') || response.body === null) return
  const { byteLength } = await response.clone().arrayBuffer()
  response.headers.set('Content-Length', String(byteLength))
}

/** Puts on answers that are no envelope what every answer has: the request's id, and headers for browsers. */
export const stampRequestId: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next()
  // Not `c.header()`: on a finished response that makes a new one, with a stream for a body.
  c.res.headers.set('X-Request-ID', c.get('requestId'))
  addSecurityHeaders(c.res.headers, isSecure(c))
}

/** Answers what no route takes: 405 with `Allow` on the paths that `app` knows by now, 404 on all others. */
export function answerTheRest(app: Hono<AppEnv>): void {
  for (const [path, methods] of methodsByPath(app)) {
    const allow = methods.join(', ')
    app.all(path, (c: AppContext) => {
      return refuse(c, new TokMeshError('TM-SYS-4050', `This path takes ${allow}`), { Allow: allow })
    })
  }
  app.notFound((c) => refuse(c, new TokMeshError('TM-SYS-4040', 'There is no such route')))
}

function methodsByPath(app: Hono<AppEnv>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const { method, path } of app.routes) {
    if (method === 'ALL') continue
    const methods = found.get(path) ?? []
    const more = method === 'GET' ? ['GET', 'HEAD'] : [method]
    found.set(path, [...new Set([...methods, ...more])])
  }
  return found
}
