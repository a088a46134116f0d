/**
 * A typed client for TokMesh: `createTokMeshClient()` returns an object with a method for each operation of the
 * OpenAPI document, which repeats what may be repeated and rejects with errors by code.
 */
export {
  createTokMeshClient,
  type SessionField,
  type SessionPage,
  type SessionSearch,
  type TokMeshClient,
  type TouchedField,
} from './client.ts'
export { hasCode } from './error-table.ts'
export {
  AuthenticationError,
  ConflictError,
  type ErrorFacts,
  InvalidArgumentError,
  KeyNotFoundError,
  PermissionError,
  QuotaExceededError,
  RateLimitedError,
  ReplayError,
  ServerFaultError,
  SessionExpiredError,
  SessionNotFoundError,
  TokenExpiredError,
  TokenMalformedError,
  TokenRevokedError,
  TokenUnknownError,
  TokMeshError,
  UnavailableError,
} from './errors.ts'
export type * from './generated.ts'
export type { CallOptions, EndUser, TokMeshClientOptions } from './options.ts'
export { NetworkError, TimeoutError, UnexpectedAnswerError } from './transport-errors.ts'
export type { TokenVerdict } from './verdict.ts'
