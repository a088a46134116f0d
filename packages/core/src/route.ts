import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { RouterRoute } from 'hono/types'
import { knownMethods } from './method.ts'

/** The label of a request for which no route was registered. */
export const unmatched = 'unmatched'

/** What of a Hono app is needed to find the routes of another method: `new Hono()` fits. */
export interface RoutedApp {
  readonly router: { match(method: string, path: string): unknown }
}

// Hono keeps the handler of a sub-app with its own onError under this property of the wrapper that it registers.
const composedHandler = '__COMPOSED_HANDLER'

function targetOf(handler: RouterRoute['handler']): RouterRoute['handler'] {
  const inner = (handler as { [composedHandler]?: RouterRoute['handler'] })[composedHandler]
  return inner === undefined ? handler : targetOf(inner)
}

/** A route that a request can be aimed at: a handler without `next`, or one that was registered for a method and a path. */
function isTarget(route: RouterRoute): boolean {
  return targetOf(route.handler).length < 2 || (route.method !== 'ALL' && !route.path.endsWith('*'))
}

/**
 * Returns the template of the route that the request is or was aimed at.
 *
 * That is the route dispatched last; where a middleware answered instead, the next route behind it; where there is
 * none for this method, the one that `app` has for another (405, CORS preflight). A middleware with a path of its
 * own that answered by itself (a mounted app, static files) gives its path. Else `unmatched`.
 */
export function routeOf(c: Context, status: number, app: RoutedApp | undefined): string {
  const routes = matchedRoutes(c)
  const last = c.req.routeIndex
  for (let i = last; i < routes.length; i++) {
    const route = routes[i]
    if (route !== undefined && isTarget(route)) return route.path
  }
  return (app && routeOfOtherMethod(c, app)) ?? answeredBy(routes[last], status) ?? unmatched
}

function answeredBy(route: RouterRoute | undefined, status: number): string | undefined {
  // A 404 may as well be the app's own: then nothing was there, and the middleware only passed the request on.
  if (route === undefined || status === 0 || status === 404) return undefined
  return route.path === '*' || route.path === '/*' ? undefined : route.path
}

function routeOfOtherMethod(c: Context, app: RoutedApp): string | undefined {
  const wanted = c.req.method === 'OPTIONS' ? c.req.header('Access-Control-Request-Method') : undefined
  const methods = wanted === undefined ? knownMethods : [wanted, ...knownMethods]
  for (const method of methods) {
    const [entries] = app.router.match(method, c.req.path) as readonly [
      readonly (readonly [readonly [unknown, RouterRoute]])[],
    ]
    const target = entries.find(([[, route]]) => isTarget(route))
    if (target !== undefined) return target[0][1].path
  }
  return undefined
}
