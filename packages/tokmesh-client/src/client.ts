import { attempt } from './attempt.ts'
import {
  type Operations,
  operations,
  type SearchSessionsQuery,
  type Session,
  type TouchSessionQuery,
} from './generated.ts'
import { limit, pause as plainPause } from './limit.ts'
import { type CallOptions, checkMs, type Settings, settingsOf, type TokMeshClientOptions } from './options.ts'
import { eachSession } from './pages.ts'
import { prepare } from './request.ts'
import { isRepeatable, type OperationId, pauseAfter } from './retry.ts'
import { checkToken, type TokenVerdict } from './verdict.ts'

/** Name of a session's field. */
export type SessionField = keyof Session

/** Filters, order and page of a search, and the wanted fields; `id` is always there. */
export interface SessionSearch<Field extends SessionField = SessionField> extends Omit<SearchSessionsQuery, 'fields'> {
  /** Default: all. */
  readonly fields?: readonly Field[] | undefined
}

/** A page of sessions with the fields that were asked for. */
export interface SessionPage<Field extends SessionField = SessionField> {
  readonly items: readonly Pick<Session, Field | 'id'>[]
  /** Matches on all pages. */
  readonly total_items: number
  readonly page: number
  readonly size: number
}

/** Fields that a touch returns whatever was asked for. */
export type TouchedField = 'id' | 'user_id' | 'expires_at' | 'last_active' | 'version'

/** Calls TokMesh. Every method rejects with one of the error classes, or with the reason of an aborted signal. */
export interface TokMeshClient extends Omit<Operations<CallOptions>, 'searchSessions' | 'touchSession'> {
  /** Search sessions. An issuer has to name a `user_id`. Roles: issuer, admin. */
  searchSessions<const Field extends SessionField = SessionField>(
    query?: SessionSearch<Field>,
    options?: CallOptions,
  ): Promise<SessionPage<Field>>
  /** Note that a session is in use. Sets `last_active`, which never goes back. Roles: issuer, admin. */
  touchSession<const Field extends SessionField = SessionField>(
    session_id: string,
    query?: Omit<TouchSessionQuery, 'fields'> & { readonly fields?: readonly Field[] | undefined },
    options?: CallOptions,
  ): Promise<Pick<Session, Field | TouchedField>>
  /**
   * The sessions of all pages, each page fetched when it is needed and with a time limit of its own. Sessions that
   * are made or go meanwhile may be missed or met twice.
   */
  eachSession<const Field extends SessionField = SessionField>(
    query?: SessionSearch<Field>,
    options?: CallOptions,
  ): AsyncGenerator<Pick<Session, Field | 'id'>, void, undefined>
  /** As `validateToken`, but resolves to a verdict of "no" too; it rejects where there is no verdict. */
  checkToken(token: string, options?: CallOptions & { readonly touch?: boolean | undefined }): Promise<TokenVerdict>
}

/**
 * Returns a client of the service at `url`. Throws a `TypeError` that names the option that is wrong.
 *
 * @example
 * ```ts
 * import { createTokMeshClient } from '@honoscope/tokmesh-client'
 *
 * declare const key: string
 * const tokmesh = createTokMeshClient({ url: 'http://127.0.0.1:5080', key })
 * const { token } = await tokmesh.createSession({ user_id: 'user-42', ttl_seconds: 3600 })
 * const { session } = await tokmesh.validateToken({ token, touch: true })
 * ```
 */
export function createTokMeshClient(options: TokMeshClientOptions): TokMeshClient {
  const settings = settingsOf(options)
  const ids = Object.keys(operations) as OperationId[]
  const methods = ids.map((id) => [id, (...given: readonly unknown[]) => call(settings, id, given)])
  const client = Object.fromEntries(methods) as Omit<TokMeshClient, 'eachSession' | 'checkToken'>
  return { ...client, eachSession: eachSession(client.searchSessions), checkToken: checkToken(client.validateToken) }
}

/** Carries a call out, with as many attempts as it takes within its time. */
async function call(settings: Settings, id: OperationId, given: readonly unknown[]): Promise<unknown> {
  const prepared = prepare(id, settings.url, given)
  const { timeoutMs = settings.timeoutMs, mayRepeat = isRepeatable(id), signal: outer } = prepared.options
  checkMs(timeoutMs, 'timeoutMs', id)
  outer?.throwIfAborted()
  const { pause = plainPause } = settings
  const endsAt = performance.now() + timeoutMs
  const { signal, release } = limit(timeoutMs, outer)
  try {
    for (let failures = 1; ; failures++) {
      try {
        return await attempt(prepared, settings, signal)
      } catch (error) {
        if (signal.aborted) throw signal.reason
        const ms = pauseAfter(error, failures, mayRepeat, settings)
        // What is known now is worth more than a time-out later.
        if (ms === undefined || performance.now() + ms >= endsAt) throw error
        await pause(ms, signal)
      }
    }
  } finally {
    release()
  }
}
