/** Which class stands for which code. A code of the document that is missing here is a type error. */
import * as errors from './errors.ts'
import type { ErrorCode } from './generated.ts'

type ErrorClass = new (facts: errors.ErrorFacts) => errors.TokMeshError

const classOf: Readonly<Record<ErrorCode, ErrorClass>> = {
  'TM-SYS-4000': errors.InvalidArgumentError,
  'TM-SYS-4040': errors.InvalidArgumentError,
  'TM-SYS-4050': errors.InvalidArgumentError,
  'TM-SYS-4130': errors.InvalidArgumentError,
  'TM-SYS-4290': errors.RateLimitedError,
  'TM-SYS-5000': errors.ServerFaultError,
  'TM-SYS-5001': errors.ServerFaultError,
  'TM-SYS-5030': errors.UnavailableError,
  'TM-AUTH-4010': errors.AuthenticationError,
  'TM-AUTH-4011': errors.AuthenticationError,
  'TM-AUTH-4012': errors.AuthenticationError,
  'TM-AUTH-4014': errors.ReplayError,
  'TM-AUTH-4015': errors.ReplayError,
  'TM-AUTH-4030': errors.PermissionError,
  'TM-AUTH-4031': errors.PermissionError,
  'TM-SESS-4001': errors.InvalidArgumentError,
  'TM-SESS-4002': errors.QuotaExceededError,
  'TM-SESS-4040': errors.SessionNotFoundError,
  'TM-SESS-4041': errors.SessionExpiredError,
  'TM-SESS-4090': errors.ConflictError,
  'TM-SESS-4091': errors.ConflictError,
  'TM-TOKN-4000': errors.TokenMalformedError,
  'TM-TOKN-4010': errors.TokenUnknownError,
  'TM-TOKN-4011': errors.TokenExpiredError,
  'TM-TOKN-4012': errors.TokenRevokedError,
  'TM-TOKN-4090': errors.ConflictError,
  'TM-ARG-1001': errors.InvalidArgumentError,
  'TM-ARG-1002': errors.InvalidArgumentError,
  'TM-ARG-1003': errors.InvalidArgumentError,
  'TM-ADMIN-4030': errors.PermissionError,
  'TM-ADMIN-4031': errors.PermissionError,
  'TM-ADMIN-4041': errors.KeyNotFoundError,
  'TM-ADMIN-4130': errors.InvalidArgumentError,
  'TM-ADMIN-4291': errors.RateLimitedError,
  'TM-ADMIN-5001': errors.ServerFaultError,
  'TM-ADMIN-5031': errors.UnavailableError,
  'TM-CLST-4090': errors.ConflictError,
  'TM-CLST-5030': errors.UnavailableError,
  'TM-CLST-5040': errors.UnavailableError,
  'TM-CLST-5050': errors.ServerFaultError,
}

/** Returns the error for an envelope: of its code's class, or a plain `TokMeshError` for a code that is newer than this. */
export function errorFor(facts: errors.ErrorFacts): errors.TokMeshError {
  const known: ErrorClass | undefined = Object.hasOwn(classOf, facts.code)
    ? classOf[facts.code as ErrorCode]
    : undefined
  return new (known ?? errors.TokMeshError)(facts)
}

/**
 * Whether `error` is an answer of TokMesh, with one of the codes if some are given; its type is narrowed to them.
 *
 * @example
 * ```ts
 * import { createTokMeshClient, hasCode } from '@honoscope/tokmesh-client'
 *
 * declare const key: string
 * const tokmesh = createTokMeshClient({ url: 'http://127.0.0.1:5080', key })
 * try {
 *   await tokmesh.createSession({ user_id: 'user-42' })
 * } catch (error) {
 *   if (hasCode(error, 'TM-SESS-4002')) await tokmesh.revokeUserSessions('user-42')
 *   else throw error
 * }
 * ```
 */
export function hasCode<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is errors.TokMeshError & { readonly code: Code } {
  if (!(error instanceof errors.TokMeshError)) return false
  return codes.length === 0 || codes.some((code) => code === error.code)
}
