import type { TokMeshClient } from './client.ts'
import { hasCode } from './error-table.ts'
import type { Session } from './generated.ts'

/** What is to be said of a token. */
export type TokenVerdict =
  | { readonly valid: true; readonly session: Session }
  | { readonly valid: false; readonly reason: 'malformed' | 'unknown' | 'expired' | 'revoked' }

const reasons = {
  'TM-TOKN-4000': 'malformed',
  'TM-TOKN-4010': 'unknown',
  'TM-TOKN-4011': 'expired',
  'TM-TOKN-4012': 'revoked',
} as const

const verdicts = Object.keys(reasons) as (keyof typeof reasons)[]

/** Returns a check that makes verdicts of the errors that are ones. */
export function checkToken(validate: TokMeshClient['validateToken']): TokMeshClient['checkToken'] {
  return async (token, { touch, ...options } = {}) => {
    try {
      const { session } = await validate({ token, touch }, options)
      return { valid: true, session }
    } catch (error) {
      if (hasCode(error, ...verdicts)) return { valid: false, reason: reasons[error.code] }
      throw error
    }
  }
}
