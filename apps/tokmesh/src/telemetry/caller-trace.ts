import type { Exchange, TraceContext } from '@honoscope/core'

/** `traceparent` of W3C Trace Context: version, trace id, span id, flags; later versions may add to it. */
const pattern = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/

/** The caller's span when it is sampled, for the exemplars of a service that makes no spans of its own. */
export function callerTrace({ context }: Exchange): TraceContext | undefined {
  const [, traceId, spanId, flags = '0'] = pattern.exec(context.req.header('traceparent') ?? '') ?? []
  const sampled = (Number.parseInt(flags, 16) & 1) === 1
  return traceId && spanId && sampled ? { traceId, spanId } : undefined
}
