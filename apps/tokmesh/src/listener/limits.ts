/** What a client may take of a listener's time and memory. */
export interface ListenerLimits {
  /** Milliseconds from the connection, or from the first byte of a later request, to the end of a request's headers. */
  readonly headersTimeoutMs: number
  /** Milliseconds that a connection is kept on which nothing is asked. */
  readonly idleTimeoutMs: number
  /** Bytes of a request's headers, its first line included. */
  readonly maxHeaderBytes: number
  /** Header fields of a request. */
  readonly maxHeaders: number
  /** HTTP/2: requests under way on one connection. */
  readonly maxStreams: number
}

export const defaultLimits: ListenerLimits = {
  // A header is one packet or a few: ten seconds are generous on any link. Bun's own port has 10 s built in.
  headersTimeoutMs: 10_000,
  // Longer than usual load balancers keep theirs (60 s): who closes second never sends into a closed connection.
  idleTimeoutMs: 65_000,
  // Node's own default, and Bun's.
  maxHeaderBytes: 16 * 1024,
  maxHeaders: 100,
  // The least that RFC 9113 recommends.
  maxStreams: 100,
}
