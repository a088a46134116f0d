import type { MiddlewareHandler } from 'hono'
import type { Freshness } from '../cluster/freshness.ts'
import type { Caller } from '../domain/session.ts'
import type { BodyReader } from '../http/body.ts'
import type { AppContext, AppEnv } from '../http/env.ts'

/** Roles of API keys: the contract's section 4.14. */
export const roles = ['metrics', 'validator', 'issuer', 'admin'] as const
export type Role = (typeof roles)[number]

/** What the routes share. */
export interface RouteDeps {
  /** Lets requests pass whose key has one of the roles: authentication, role and rate, in this order. */
  readonly access: (...allowed: readonly Role[]) => MiddlewareHandler<AppEnv>
  /** Anti-replay of a state-changing call; throws its refusal. */
  readonly replay: (c: AppContext) => void
  readonly body: BodyReader
  /** What says how old a verdict is. */
  readonly freshness: Freshness
  /** Who calls. Right behind `access` only. */
  readonly caller: (c: AppContext) => Caller
}
