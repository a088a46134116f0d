import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { KeepOptions } from './options.ts'

/** Why an unsampled request was exported. */
export type KeepReason = 'error' | 'slow'

/** What {@link createKeep} takes beside its options. */
export interface KeepSettings {
  /** Takes the spans of a request that is kept. */
  readonly forward: (span: ReadableSpan) => void
  /** Told of each request that is kept, and of each that had to make room. */
  readonly onEnd: (end: KeepReason | 'evicted') => void
  /** Unix ms. */
  readonly now: () => number
}

/** Unsampled requests that are recorded until it is known how they end. */
export interface Keep extends Pick<SpanProcessor, 'onStart' | 'onEnd'> {
  /** Whether a child of this span belongs to a request that is recorded and has room for it. */
  records(parentSpanId: string): boolean
  /** Requests that are recorded now. */
  readonly size: number
}

/** One request, by its first span in this process. */
interface Entry {
  readonly root: Span
  readonly startedAt: number
  /** Ids of its spans, for their children to find it. */
  readonly ids: Set<string>
  readonly ended: ReadableSpan[]
  state: 'open' | 'kept' | 'gone'
}

/** Returns the buffer of unsampled requests. It holds at most `maxTraces` × `maxSpansPerTrace` spans. */
export function createKeep(options: KeepOptions, settings: KeepSettings): Keep {
  const { errors = true, slowerThanMs = Number.POSITIVE_INFINITY, maxTraces = 1000, maxSpansPerTrace = 100 } = options
  const { forward, onEnd, now } = settings
  // Oldest first.
  const entries = new Set<Entry>()
  const bySpanId = new Map<string, Entry>()
  // A span that ends after its request finds it here, and nothing is held for one that never ends.
  const owners = new WeakMap<object, Entry>()

  function open(root: Span): Entry {
    const oldest = entries.size >= maxTraces ? entries.values().next().value : undefined
    // What is there for longer than a slow request takes is one. The others were abandoned, or are too many.
    if (oldest) close(oldest, now() - oldest.startedAt > slowerThanMs ? 'slow' : 'evicted')
    const entry: Entry = { root, startedAt: now(), ids: new Set(), ended: [], state: 'open' }
    entries.add(entry)
    return entry
  }

  function close(entry: Entry, end: KeepReason | 'evicted' | undefined): void {
    entries.delete(entry)
    for (const id of entry.ids) bySpanId.delete(id)
    entry.ids.clear()
    entry.state = end === 'error' || end === 'slow' ? 'kept' : 'gone'
    if (entry.state === 'kept') for (const span of entry.ended) forward(span)
    entry.ended.length = 0
    if (end !== undefined) onEnd(end)
  }

  function reasonOf(root: ReadableSpan): KeepReason | undefined {
    // 2 is the API's SpanStatusCode.ERROR.
    if (errors && root.status.code === 2) return 'error'
    return root.duration[0] * 1e3 + root.duration[1] / 1e6 > slowerThanMs ? 'slow' : undefined
  }

  return {
    records: (parentSpanId) => (bySpanId.get(parentSpanId)?.ids.size ?? maxSpansPerTrace) < maxSpansPerTrace,
    get size() {
      return entries.size
    },
    onStart: (span) => {
      const { spanId, traceFlags } = span.spanContext()
      if (traceFlags & 1) return
      const parent = span.parentSpanContext
      const entry = (parent && !parent.isRemote ? bySpanId.get(parent.spanId) : undefined) ?? open(span)
      entry.ids.add(spanId)
      bySpanId.set(spanId, entry)
      owners.set(span, entry)
    },
    onEnd: (span) => {
      const entry = owners.get(span)
      if (entry === undefined || entry.state === 'gone') return
      if (entry.state === 'kept') return forward(span)
      entry.ended.push(span)
      if (span === entry.root) close(entry, reasonOf(span))
    },
  }
}
