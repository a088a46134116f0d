/** What a client may take of a listener's time and memory. */
export interface ListenerLimits {
  /** Milliseconds from the connection, or from the first byte of a later request, to the end of a request's headers. */
  readonly headersTimeoutMs: number
  /** Milliseconds that a connection is kept on which nothing is asked. */
  readonly idleTimeoutMs: number
  /** Milliseconds in which something of an answer that waits has to go out. */
  readonly writeTimeoutMs: number
  /** The same once the end of the process has begun. */
  readonly lastWriteTimeoutMs: number
  /** Connections at once; the next one is closed at once. */
  readonly maxConnections: number
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
  // For 64 KiB, the most that a large answer gives at once: 2 kB/s.
  writeTimeoutMs: 30_000,
  // Short of the 5 s that a shutdown has at least.
  lastWriteTimeoutMs: 3000,
  // An idle one takes some 10 kB, one behind TLS some 50 kB: half a gigabyte at the most.
  maxConnections: 10_000,
  // Node's own default, and Bun's.
  maxHeaderBytes: 16 * 1024,
  maxHeaders: 100,
  // The least that RFC 9113 recommends.
  maxStreams: 100,
}
