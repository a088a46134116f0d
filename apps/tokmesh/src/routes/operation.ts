/**
 * A route of the contract, declared once. Its registration, its access rule and its checks (`serve.ts`), its audit
 * entries and its part of the OpenAPI document all come from the declaration, so none can drift from the others.
 */
import type { z } from 'zod'
import type { AuditAction } from '../domain/audit.ts'
import type { ErrorCode } from '../domain/errors.ts'
import type { Role } from './deps.ts'
import type { ParameterMap } from './parameters.ts'

/** What the document calls a group of routes. */
export type Tag = 'Sessions' | 'Tokens' | 'Probes' | 'Keys' | 'Administration' | 'Documentation'

/** What every declaration says. */
export interface OperationBase {
  /** `operationId` of the document, and the name of the client's method. */
  readonly id: string
  readonly method: 'GET' | 'POST'
  /** Template in Hono's form: `/sessions/:session_id`. */
  readonly path: string
  readonly tag: Tag
  /** One line. */
  readonly summary: string
  /** What a caller has to know beside the fields. */
  readonly description?: string
  /** Roles of keys that may call it; none: no key is asked for. */
  readonly roles: readonly Role[]
  /** Codes of its own, beside those that follow from the rest of the declaration. */
  readonly errors: readonly ErrorCode[]
}

/** A route that answers in the envelope. */
export interface Operation<
  Body extends z.ZodObject = z.ZodObject,
  Required extends string = string,
  Query extends ParameterMap = ParameterMap,
  Data extends z.ZodType = z.ZodType,
> extends OperationBase {
  /**
   * State-changing calls are held to anti-replay: `always`, before the body is read; or `when_touching`, after it, for
   * the body that says `touch: true`.
   */
  readonly replay?: 'always' | 'when_touching'
  /** Query parameter without which an issuer may not call: to it the route is then one of the other roles. */
  readonly issuerNeeds?: string
  /** What a call is written down as. A handler may say better: see `AuditNote`. */
  readonly audit?: AuditAction
  /** Names and types of the body's fields. Values are checked later: the contract has other codes for them. */
  readonly body?: Body
  /** Fields without which there is `TM-ARG-1002`, in the order of the check. */
  readonly required?: readonly Required[]
  readonly query?: Query
  /** Shape of `data` in the answer. */
  readonly data: Data
  /** Status of success. Default: 200. */
  readonly status?: 201
}

/** A route that answers without an envelope: probes of the plain dialect, the exposition, the document itself. */
export interface PlainOperation extends OperationBase {
  /** Body of each status by its media type; `schema` is JSON Schema. */
  readonly answers: Readonly<Record<number, { readonly description: string; readonly content: PlainContent }>>
}

type PlainContent = Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>

/** Either kind. */
export type AnyOperation = Operation | PlainOperation

/** Returns the declaration as it is, with the types of its parts. */
export function operation<
  Body extends z.ZodObject = z.ZodObject<Record<never, never>>,
  const Required extends keyof z.infer<Body> & string = never,
  // biome-ignore lint/complexity/noBannedTypes: no parameter is what this means.
  Query extends ParameterMap = {},
  Data extends z.ZodType = z.ZodType,
>(declared: Operation<Body, Required, Query, Data>): Operation<Body, Required, Query, Data> {
  return declared
}

/** Whether it stands behind the guard of all admin routes, known or not. */
export function isAdmin({ path }: OperationBase): boolean {
  return path.startsWith('/admin/v1/')
}
