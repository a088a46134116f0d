import type { Attributes, AttributeValue, HrTime, SpanContext } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'

/**
 * Returns the body of an OTLP/JSON export. The stock serialiser writes 64-bit integers as numbers, infinities as null
 * and integers above 2^53 as `intValue`; the mapping wants strings, names and doubles.
 *
 * All spans are of one resource: they come from one provider.
 */
export function encodeJson(spans: readonly ReadableSpan[]): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: keyValues(spans[0]?.resource.attributes ?? {}) },
        scopeSpans: [...groupByScope(spans)].map(([{ name, version, schemaUrl }, members]) => ({
          scope: { name, version },
          spans: members.map(toSpan),
          schemaUrl,
        })),
      },
    ],
  })
}

function groupByScope(spans: readonly ReadableSpan[]): Map<ReadableSpan['instrumentationScope'], ReadableSpan[]> {
  const scopes = new Map<ReadableSpan['instrumentationScope'], ReadableSpan[]>()
  for (const span of spans) {
    const members = scopes.get(span.instrumentationScope)
    if (members) members.push(span)
    else scopes.set(span.instrumentationScope, [span])
  }
  return scopes
}

/** `undefined` is left out by `JSON.stringify`. */
function toSpan(span: ReadableSpan): object {
  const context = span.spanContext()
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    traceState: context.traceState?.serialize() || undefined,
    parentSpanId: span.parentSpanContext?.spanId,
    flags: flagsOf(context, span.parentSpanContext?.isRemote),
    name: span.name,
    // The API counts kinds from 0, OTLP from 1.
    kind: span.kind + 1,
    startTimeUnixNano: unixNano(span.startTime),
    endTimeUnixNano: unixNano(span.endTime),
    attributes: keyValues(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount || undefined,
    events: span.events.map((event) => ({
      timeUnixNano: unixNano(event.time),
      name: event.name,
      attributes: keyValues(event.attributes ?? {}),
      droppedAttributesCount: event.droppedAttributesCount || undefined,
    })),
    droppedEventsCount: span.droppedEventsCount || undefined,
    links: span.links.map((link) => ({
      traceId: link.context.traceId,
      spanId: link.context.spanId,
      traceState: link.context.traceState?.serialize() || undefined,
      attributes: keyValues(link.attributes ?? {}),
      droppedAttributesCount: link.droppedAttributesCount || undefined,
      flags: flagsOf(link.context, link.context.isRemote),
    })),
    droppedLinksCount: span.droppedLinksCount || undefined,
    status: { message: span.status.message, code: span.status.code },
  }
}

/** W3C's flags in the low byte; 0x100 says that the next bit, 0x200, tells whether the parent (or link) is remote. */
function flagsOf({ traceFlags }: SpanContext, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | 0x100 | (isRemote ? 0x200 : 0)
}

/** Returns nanoseconds since 1970 as a decimal string: they are above what a double counts exactly. */
export function unixNano([seconds, nanos]: HrTime): string {
  return seconds === 0 ? String(Math.trunc(nanos)) : `${seconds}${String(Math.trunc(nanos)).padStart(9, '0')}`
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toAnyValue(value) }))
}

function toAnyValue(value: AttributeValue | null | undefined): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number') return toNumber(value)
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toAnyValue) } }
  return {}
}

function toNumber(value: number): object {
  if (Number.isSafeInteger(value)) return { intValue: String(value) }
  return { doubleValue: Number.isFinite(value) ? value : String(value) }
}
