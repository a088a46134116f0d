import { TokMeshError } from './errors.ts'
import type { SessionRecord } from './session.ts'

/** The contract's table 7.1. Expiry wins over revocation, and nothing depends on whether the sweep has passed. */
export type SessionState = 'active' | 'expired' | 'revoked' | 'unknown'

/** The state of what a store found, at `now`. */
export function stateOf(record: SessionRecord | undefined, now: number): SessionState {
  if (!record) return 'unknown'
  if (now >= record.expiresAt) return 'expired'
  return record.revokedAt === 0 ? 'active' : 'revoked'
}

/** The record when it is active; else `TM-SESS-4041` when it has expired, `TM-SESS-4040` in every other case. */
export function usable(record: SessionRecord | undefined, now: number): SessionRecord {
  const state = stateOf(record, now)
  if (record && state === 'active') return record
  if (state === 'expired') throw new TokMeshError('TM-SESS-4041', 'The session has expired.')
  throw new TokMeshError('TM-SESS-4040', 'There is no such session.')
}

/** The record when it is active; else the code that a token's holder gets. */
export function valid(record: SessionRecord | undefined, now: number): SessionRecord {
  const state = stateOf(record, now)
  if (record && state === 'active') return record
  if (state === 'expired') throw new TokMeshError('TM-TOKN-4011', 'The session of this token has expired.')
  if (state === 'revoked') throw new TokMeshError('TM-TOKN-4012', 'The session of this token was revoked.')
  throw new TokMeshError('TM-TOKN-4010', 'There is no session for this token.')
}
