/** What calls reject with when there was no envelope. They hold nothing of the request: no address, no header, no body. */

/** The service could not be reached, or the connection broke. */
export class NetworkError extends Error {
  override readonly name: string = 'NetworkError'
  readonly code = 'NETWORK'
  /** Code of the system's error, such as `ECONNREFUSED`, else the name of what `fetch` threw. */
  readonly reason: string

  // The error itself is not kept: `fetch` may be anybody's, and errors of some hold the request with its headers.
  constructor(reason: string) {
    super(`TokMesh could not be reached: ${reason}`)
    this.reason = reason
  }
}

/** There was no answer in time. What was asked for may have happened. */
export class TimeoutError extends Error {
  override readonly name: string = 'TimeoutError'
  readonly code = 'TIMEOUT'
  /** How long was waited. */
  readonly timeoutMs: number

  constructor(timeoutMs: number) {
    super(`TokMesh did not answer within ${timeoutMs} ms`)
    this.timeoutMs = timeoutMs
  }
}

/** The answer is no envelope of TokMesh: it comes from a proxy, or the address leads to something else. */
export class UnexpectedAnswerError extends Error {
  override readonly name: string = 'UnexpectedAnswerError'
  readonly code = 'UNEXPECTED_ANSWER'
  /** HTTP status. */
  readonly status: number
  /** Media type of the answer; `''` where it named none. Its body is not kept. */
  readonly mediaType: string

  constructor(status: number, mediaType: string) {
    super(`The answer is not one of TokMesh: status ${status}, ${mediaType || 'no media type'}`)
    this.status = status
    this.mediaType = mediaType
  }
}
