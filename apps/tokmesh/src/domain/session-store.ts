import type { SessionPage, SessionSearch } from './search.ts'
import type { SessionRecord } from './session.ts'

/** What became of an insert. */
export type InsertOutcome =
  | { readonly outcome: 'created' | 'token_taken' | 'id_taken' }
  /** `active` sessions of the user are as many as may be, or more. */
  | { readonly outcome: 'quota'; readonly active: number }

/** How a session is found by those that may look it up by either. */
export type SessionKey = { readonly id: string } | { readonly tokenHash: string }

/** What a lookup found, and since when it may have changed. */
export interface Sight {
  readonly record: SessionRecord | undefined
  /** Monotonic milliseconds: the record was so then, and perhaps not after it. */
  readonly asOf: number
}

/** An access of a session by its token. */
export interface SessionAccess {
  /** Unix ms. */
  readonly at: number
  /** Canonical IP text of the client. */
  readonly ip: string
  readonly userAgent: string
}

/** Numbers for the metrics. */
export interface SessionCounts {
  /** Neither revoked nor expired. */
  readonly active: number
  /** Not tombstoned: the active ones and the expired ones that the sweep has not come to. */
  readonly kept: number
}

/** What the sweep of a node looks at. */
export interface SweepScope {
  /** Its shards. Default: all. */
  readonly shards?: readonly number[] | undefined
  /**
   * What expires before is not looked for, Unix ms: so that what others have to sweep is not passed over again and
   * again. Default: 0.
   */
  readonly from?: number | undefined
}

/**
 * Where sessions are kept. `now` is Unix ms everywhere; "active" means not revoked and `now < expiresAt`.
 * Every method rejects with a `TokMeshError`, `TM-SYS-5030` or `TM-SYS-5001`, when the database fails.
 */
export interface SessionStore {
  /** Keeps the record unless the user's active sessions have reached `maxPerUser`; strict for all nodes together. */
  insert(record: SessionRecord, maxPerUser: number): Promise<InsertOutcome>
  /**
   * The record, tombstones and expired ones included; with the touches of this node, whether they are stored or not.
   * A tombstone that is due at `now` is looked for anew. Default: none is due.
   */
  find(key: SessionKey, now?: number): Promise<SessionRecord | undefined>
  /** As {@link SessionStore.find}, and as of when. */
  see(key: SessionKey, now: number): Promise<Sight>
  /**
   * As {@link SessionStore.see}, and notes the access of an active session: raises `lastActive`, sets the last access,
   * and adds one to the version. What is returned shows it; it is stored a little later.
   */
  access(key: SessionKey, access: SessionAccess): Promise<Sight>
  /** Raises `lastActive` of an active session and its version; `undefined` when that changed nothing. */
  touch(id: string, now: number): Promise<SessionRecord | undefined>
  /** Sets a new expiry of an active session; `undefined` when there is no active one. */
  renew(id: string, now: number, ttlSeconds: number): Promise<SessionRecord | undefined>
  /** Makes an active session a tombstone; `undefined` when there is no active one. */
  revoke(id: string, now: number): Promise<SessionRecord | undefined>
  /** Makes the active sessions of a user tombstones, all of them or, when they are more than `limit`, none. */
  revokeAllOf(
    userId: string,
    now: number,
    limit: number,
  ): Promise<{ readonly active: number; readonly revoked: number }>
  /** Flags at most `sample` expired sessions as tombstones, the first to expire first; how many. */
  sweep(now: number, sample: number, scope?: SweepScope): Promise<number>
  /** Deletes at most `limit` tombstones that ended at or before `endedBy`; how many. */
  removeTombstones(endedBy: number, limit: number): Promise<number>
  /** When the next work of the sweep is due: the earliest expiry in its scope, and the earliest end of any tombstone. */
  nextDue(scope?: SweepScope): Promise<{ readonly expiry: number | undefined; readonly tombstone: number | undefined }>
  /** Numbers of these shards; default: of all. */
  counts(now: number, shards?: readonly number[]): Promise<SessionCounts>
  /** Always asks the database, whatever is remembered. */
  search(query: SessionSearch, now: number): Promise<SessionPage>
  /** Whether another transaction stood in the way of the failed call, so that it may be tried again. */
  isConflict(error: unknown): boolean
}
