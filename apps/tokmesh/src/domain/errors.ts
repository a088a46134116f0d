/** Every code that this service emits, with its HTTP status: the contract's section 5. No other code is ever sent. */
export const httpStatusOf = {
  'TM-SYS-4000': 400,
  'TM-SYS-4040': 404,
  'TM-SYS-4050': 405,
  'TM-SYS-4130': 413,
  'TM-SYS-4290': 429,
  'TM-SYS-5000': 500,
  'TM-SYS-5001': 500,
  'TM-SYS-5030': 503,
  'TM-AUTH-4010': 401,
  'TM-AUTH-4011': 401,
  'TM-AUTH-4012': 401,
  'TM-AUTH-4014': 401,
  'TM-AUTH-4015': 401,
  'TM-AUTH-4030': 403,
  'TM-AUTH-4031': 403,
  'TM-SESS-4001': 400,
  'TM-SESS-4002': 429,
  'TM-SESS-4040': 404,
  'TM-SESS-4041': 404,
  'TM-SESS-4090': 409,
  'TM-SESS-4091': 409,
  'TM-TOKN-4000': 400,
  'TM-TOKN-4010': 401,
  'TM-TOKN-4011': 401,
  'TM-TOKN-4012': 401,
  'TM-TOKN-4090': 409,
  'TM-ARG-1001': 400,
  'TM-ARG-1002': 400,
  'TM-ARG-1003': 400,
  'TM-ADMIN-4030': 403,
  'TM-ADMIN-4031': 403,
  'TM-ADMIN-4041': 404,
  'TM-ADMIN-4130': 413,
  'TM-ADMIN-4291': 429,
  'TM-ADMIN-5001': 500,
  'TM-ADMIN-5031': 503,
  'TM-CLST-4090': 409,
  'TM-CLST-5030': 503,
  'TM-CLST-5040': 504,
  'TM-CLST-5050': 500,
} as const

/** A code of {@link httpStatusOf}. */
export type ErrorCode = keyof typeof httpStatusOf

/** Hints for machines that go into the envelope's `details`. They hold no secret and no user id. */
export type ErrorDetails = Readonly<Record<string, unknown>>

/** A refusal or fault with a code of the contract. The message is for people and may be sent to the client. */
export class TokMeshError extends Error {
  override readonly name = 'TokMeshError'
  readonly code: ErrorCode
  readonly details: ErrorDetails | undefined

  constructor(code: ErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.details = options.details
  }
}
