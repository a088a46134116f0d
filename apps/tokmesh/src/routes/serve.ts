/** Puts declared operations on the app, with the stages of the contract's section 4.0 in their order. */
import type { Hono, MiddlewareHandler } from 'hono'
import type { z } from 'zod'
import type { Caller } from '../domain/session.ts'
import { noteForAudit, resourceOf } from '../http/audit-note.ts'
import type { AppContext, AppEnv } from '../http/env.ts'
import { ok } from '../http/envelope.ts'
import { required } from '../http/fields.ts'
import { type PathValues, readPath } from '../http/path.ts'
import type { Role, RouteDeps } from './deps.ts'
import { isAdmin, type Operation } from './operation.ts'
import { type ParameterMap, readQuery, type Values } from './parameters.ts'

/** A request that has passed every stage before the rules on its fields. */
export interface Call<Body, Required extends keyof Body, Query extends ParameterMap> {
  readonly body: Body & { readonly [Name in Required]-?: NonNullable<Body[Name]> }
  readonly query: Values<Query>
  readonly path: PathValues
  /** Who calls. */
  readonly caller: Caller
  readonly c: AppContext
}

/** Answers a call with its `data`, or throws a `TokMeshError`. */
export type Handler<
  Body extends z.ZodObject,
  Required extends string,
  Query extends ParameterMap,
  Data extends z.ZodType,
> = (call: Call<z.infer<Body>, Required & keyof z.infer<Body>, Query>) => Promise<z.infer<Data>> | z.infer<Data>

/** Registers the operation: key, role and rate, anti-replay, body, required fields, path, query, then `handle`. */
export function serve<
  Body extends z.ZodObject,
  Required extends string,
  Query extends ParameterMap,
  Data extends z.ZodType,
>(
  app: Hono<AppEnv>,
  { access, replay, body: read, caller }: RouteDeps,
  declared: Operation<Body, Required, Query, Data>,
  handle: Handler<Body, Required, Query, Data>,
): void {
  const { method, path: template, query, status = 200 } = declared
  const answer = async (c: AppContext): Promise<Response> => {
    if (declared.replay === 'always') replay(c)
    const body = declared.body ? ((await read(c, declared.body)) as Record<string, unknown>) : {}
    if (declared.replay === 'when_touching' && body.touch === true) replay(c)
    for (const name of declared.required ?? []) required(body[name], name)
    const path = readPath(c, template)
    if (declared.audit) noteForAudit(c, { resource: resourceOf(path) })
    const values = query ? readQuery(c, query) : {}
    const call = { body, path, query: values, caller: caller(c), c }
    return ok(c, (await handle(call as Parameters<typeof handle>[0])) as object, status)
  }
  // Under /admin/v1 the app's own guard stands before every path, known or not.
  if (!isAdmin(declared)) app.on(method, template, accessOf(declared, access))
  app.on(method, template, answer)
}

/** The guard of the declared roles; without the query parameter that issuers need, that of the others. */
function accessOf(
  { roles, issuerNeeds: name }: { readonly roles: readonly Role[]; readonly issuerNeeds?: string },
  access: RouteDeps['access'],
): MiddlewareHandler<AppEnv> {
  const all = access(...roles)
  if (name === undefined) return all
  const others = access(...roles.filter((role) => role !== 'issuer'))
  return (c, next) => {
    const isGiven = c.req.queries(name)?.some((value) => value !== '')
    return isGiven ? all(c, next) : others(c, next)
  }
}
