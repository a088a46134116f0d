/** What a client may take of a listener's time and memory. */
export interface ListenerLimits {
  /** Milliseconds from the first byte of a request to the end of its headers. */
  readonly headersTimeoutMs: number
  /** Milliseconds that a connection without a request is kept. */
  readonly keepAliveTimeoutMs: number
  /** Bytes of a request's headers. */
  readonly maxHeaderBytes: number
  /** Header fields of a request. */
  readonly maxHeaders: number
  /** HTTP/2: requests under way on one connection. */
  readonly maxStreams: number
}

export const defaultLimits: ListenerLimits = {
  // A header is one packet or a few: ten seconds are generous on any link.
  headersTimeoutMs: 10_000,
  // Longer than the idle time of usual load balancers' connections (60 s), which would otherwise meet a closed one.
  keepAliveTimeoutMs: 65_000,
  // Node's own default.
  maxHeaderBytes: 16 * 1024,
  maxHeaders: 100,
  // The least that RFC 9113 recommends.
  maxStreams: 100,
}
