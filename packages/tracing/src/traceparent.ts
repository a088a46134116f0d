/** What a `traceparent` header tells. */
export interface Traceparent {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string
  /** The caller's span: 16 lower-case hex digits, not all zero. */
  readonly spanId: string
  readonly sampled: boolean
  /** The last 56 bits of the trace id are random: a flag of level 2, to be passed on with the id. */
  readonly random: boolean
}

const sampledFlag = 1
const randomFlag = 2

const shape = /^[ \t]*([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?[ \t]*$/
/** Version 00 as it is sent; a later version may go on behind it. */
const versionZeroLength = 55
const zeroTraceId = '0'.repeat(32)
const zeroSpanId = '0'.repeat(16)
/** Longer ones are of no known use, and cost time. */
const maxLength = 1024

/**
 * Returns what a `traceparent` header tells, by W3C Trace Context level 2; `undefined` when it is malformed, and then
 * a new trace begins. A later version than 00 is read as far as it is known.
 */
export function parseTraceparent(header: string): Traceparent | undefined {
  if (header.length < versionZeroLength || header.length > maxLength) return undefined
  const match = shape.exec(header)
  if (match === null) return undefined
  const [, version, traceId = '', spanId = '', hexFlags = '', rest] = match
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  if (traceId === zeroTraceId || spanId === zeroSpanId) return undefined
  const flags = Number.parseInt(hexFlags, 16)
  return { traceId, spanId, sampled: (flags & sampledFlag) !== 0, random: (flags & randomFlag) !== 0 }
}

/** Returns the `traceparent` header for `span`: version 00, and no flag but the two that level 2 knows. */
export function formatTraceparent({ traceId, spanId, sampled, random }: Traceparent): string {
  return `00-${traceId}-${spanId}-0${(sampled ? sampledFlag : 0) | (random ? randomFlag : 0)}`
}
