import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { attempt } from './attempt.ts'
import type { Sender } from './exporter.ts'
import { unixNano } from './exporter-json.ts'

const kinds = ['internal', 'server', 'client', 'producer', 'consumer']
const codes = ['unset', 'ok', 'error']

/** Returns what writes each span as a line of JSON. */
export function createConsoleSender(write: (line: string) => void): Sender {
  return {
    send: async (spans) => {
      const lines = spans.flatMap((span) => attempt(() => JSON.stringify(describe(span))) ?? [])
      for (const line of lines) write(line)
      return { ok: true, rejected: spans.length - lines.length }
    },
    close: async () => undefined,
  }
}

function describe(span: ReadableSpan): Readonly<Record<string, unknown>> {
  const { traceId, spanId } = span.spanContext()
  return {
    name: span.name,
    kind: kinds[span.kind],
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: span.parentSpanContext?.spanId,
    start_unix_nano: unixNano(span.startTime),
    duration_ms: span.duration[0] * 1e3 + span.duration[1] / 1e6,
    status: codes[span.status.code],
    message: span.status.message,
    attributes: span.attributes,
    events: span.events.map(({ name, attributes }) => ({ name, attributes })),
    links: span.links.map(({ context }) => ({ trace_id: context.traceId, span_id: context.spanId })),
    service: span.resource.attributes['service.name'],
  }
}
