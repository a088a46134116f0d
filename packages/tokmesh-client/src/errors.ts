/** What calls reject with: one class for each way in which a program can react. */

/** What an error envelope says, and the answer around it. None of it holds a credential or a token. */
export interface ErrorFacts {
  /** Code of the contract's section 5, or of a newer service. */
  readonly code: string
  /** HTTP status. */
  readonly status: number
  /** For people. */
  readonly message: string
  /** Hints for programs: `limit`, `key_id`, `required_role`, `checks`, … Empty where there are none. */
  readonly details: Readonly<Record<string, unknown>>
  /** Id of the request in the service's log. */
  readonly requestId: string
  /** Seconds to wait before another try, where the service has said so. */
  readonly retryAfterSeconds: number | undefined
}

/** The service refused, or failed, with an envelope. A class below says more, but for codes that are newer than this. */
export class TokMeshError extends Error {
  override readonly name: string = 'TokMeshError'
  /** Code of the contract's section 5, or of a newer service. `hasCode()` narrows it. */
  readonly code: string
  /** HTTP status. */
  readonly status: number
  /** Hints for programs. Empty where there are none. */
  readonly details: Readonly<Record<string, unknown>>
  /** Id of the request in the service's log. */
  readonly requestId: string
  /** Seconds to wait before another try, where the service has said so. */
  readonly retryAfterSeconds: number | undefined

  constructor({ code, status, message, details, requestId, retryAfterSeconds }: ErrorFacts) {
    super(message)
    this.code = code
    this.status = status
    this.details = details
    this.requestId = requestId
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The request is wrong: an argument, a field, a length, the address of the service. Mend the call. */
export class InvalidArgumentError extends TokMeshError {
  override readonly name: string = 'InvalidArgumentError'
}

/** The API key is missing, unknown, expired or disabled, or its secret is wrong. Get a working one. */
export class AuthenticationError extends TokMeshError {
  override readonly name: string = 'AuthenticationError'
}

/** The anti-replay headers were refused: this machine's clock is off, or a nonce was used before. */
export class ReplayError extends TokMeshError {
  override readonly name: string = 'ReplayError'
}

/** The API key may not do this, or not from here. */
export class PermissionError extends TokMeshError {
  override readonly name: string = 'PermissionError'
}

/** Too many calls: of this key, or of one admin operation. Wait for `retryAfterSeconds`. */
export class RateLimitedError extends TokMeshError {
  override readonly name: string = 'RateLimitedError'
}

/** The user has as many sessions as are allowed, or more than one call can revoke. */
export class QuotaExceededError extends TokMeshError {
  override readonly name: string = 'QuotaExceededError'
}

/** There is no such session, or it is revoked. */
export class SessionNotFoundError extends TokMeshError {
  override readonly name: string = 'SessionNotFoundError'
}

/** The session has expired. */
export class SessionExpiredError extends TokMeshError {
  override readonly name: string = 'SessionExpiredError'
}

/** There is no such API key. */
export class KeyNotFoundError extends TokMeshError {
  override readonly name: string = 'KeyNotFoundError'
}

/** Something else came first: another change of the session, another session with the token. */
export class ConflictError extends TokMeshError {
  override readonly name: string = 'ConflictError'
}

/** The text is no token of TokMesh. */
export class TokenMalformedError extends TokMeshError {
  override readonly name: string = 'TokenMalformedError'
}

/** There is no session with this token. */
export class TokenUnknownError extends TokMeshError {
  override readonly name: string = 'TokenUnknownError'
}

/** The session of this token has expired. */
export class TokenExpiredError extends TokMeshError {
  override readonly name: string = 'TokenExpiredError'
}

/** The session of this token was revoked. */
export class TokenRevokedError extends TokMeshError {
  override readonly name: string = 'TokenRevokedError'
}

/** The service can't answer now: its database is away, it starts, it ends, it is in maintenance. */
export class UnavailableError extends TokMeshError {
  override readonly name: string = 'UnavailableError'
}

/** The service failed. Report the `requestId`. */
export class ServerFaultError extends TokMeshError {
  override readonly name: string = 'ServerFaultError'
}
