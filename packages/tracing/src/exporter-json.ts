import type { Attributes, AttributeValue, HrTime, SpanContext } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { attempt } from './attempt.ts'

/** Spans that are written before the event loop gets a turn: about half a millisecond's worth. */
const spansPerTurn = 64

/**
 * Resolves with the body of an OTLP/JSON export.
 *
 * The stock serialiser writes 64-bit integers as numbers, infinities as null and integers above 2^53 as `intValue`,
 * where the mapping wants strings, names and doubles; and it holds the event loop for the whole batch.
 *
 * All spans are of one resource: they come from one provider. One that can't be written is left out, as it would cost
 * the others of its batch.
 */
export async function encodeJson(spans: readonly ReadableSpan[]): Promise<{ body: string; left: number }> {
  const scopes = new Map<ReadableSpan['instrumentationScope'], string[]>()
  let left = 0
  for (const [i, span] of spans.entries()) {
    if (i % spansPerTurn === 0 && i > 0) await new Promise((resolve) => setImmediate(resolve))
    const text = attempt(() => spanText(span))
    const written = scopes.get(span.instrumentationScope)
    if (text === undefined) left++
    else if (written) written.push(text)
    else scopes.set(span.instrumentationScope, [text])
  }
  const resource = `{"attributes":${attributesText(spans[0]?.resource.attributes ?? {})}}`
  const scopeSpans = [...scopes].map(
    ([{ name, version, schemaUrl }, written]) =>
      `{"scope":${JSON.stringify({ name, version })},"spans":[${written.join()}]${optional('schemaUrl', schemaUrl)}}`,
  )
  return { body: `{"resourceSpans":[{"resource":${resource},"scopeSpans":[${scopeSpans.join()}]}]}`, left }
}

/** Ids are hexadecimal and need no quoting. */
function spanText(span: ReadableSpan): string {
  const context = span.spanContext()
  const parent = span.parentSpanContext
  // The API counts kinds from 0, OTLP from 1.
  return `{${idsText(context)}${parent ? `,"parentSpanId":"${parent.spanId}"` : ''},"flags":${flagsOf(context, parent?.isRemote)},"name":${quoted(span.name)},"kind":${span.kind + 1},"startTimeUnixNano":"${unixNano(span.startTime)}","endTimeUnixNano":"${unixNano(span.endTime)}","attributes":${attributesText(span.attributes)}${dropped('Attributes', span.droppedAttributesCount)},"events":[${span.events.map(eventText).join()}]${dropped('Events', span.droppedEventsCount)},"links":[${span.links.filter(isLink).map(linkText).join()}]${dropped('Links', span.droppedLinksCount)},"status":{"code":${span.status.code}${optional('message', span.status.message)}}}`
}

/** Whoever writes plain JavaScript may have given a name that is no text. */
const quoted = (name: string): string => JSON.stringify(String(name))

const isLink = ({ context }: ReadableSpan['links'][number]): boolean =>
  /^[0-9a-f]{32}$/.test(context?.traceId) && /^[0-9a-f]{16}$/.test(context.spanId)

function eventText(event: ReadableSpan['events'][number]): string {
  return `{"timeUnixNano":"${unixNano(event.time)}","name":${quoted(event.name)},"attributes":${attributesText(event.attributes ?? {})}${dropped('Attributes', event.droppedAttributesCount)}}`
}

function linkText(link: ReadableSpan['links'][number]): string {
  return `{${idsText(link.context)},"attributes":${attributesText(link.attributes ?? {})}${dropped('Attributes', link.droppedAttributesCount)},"flags":${flagsOf(link.context, link.context.isRemote)}}`
}

function idsText({ traceId, spanId, traceState }: SpanContext): string {
  return `"traceId":"${traceId}","spanId":"${spanId}"${optional('traceState', traceState?.serialize())}`
}

function optional(name: string, value: string | undefined): string {
  return value ? `,"${name}":${JSON.stringify(value)}` : ''
}

function dropped(what: string, count: number | undefined): string {
  return count ? `,"dropped${what}Count":${count}` : ''
}

/** W3C's flags in the low byte; 0x100 says that the next bit, 0x200, tells whether the parent (or link) is remote. */
function flagsOf({ traceFlags }: SpanContext, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | 0x100 | (isRemote ? 0x200 : 0)
}

/** Returns nanoseconds since 1970 as a decimal string: they are above what a double counts exactly. */
export function unixNano([seconds, nanos]: HrTime): string {
  // Of a date that is none, or before 1970.
  if (!(seconds >= 0 && nanos >= 0)) throw new RangeError('no time')
  const rest = String(Math.trunc(nanos))
  return seconds === 0 ? rest : seconds + rest.padStart(9, '0')
}

function attributesText(attributes: Attributes): string {
  let text = ''
  for (const key in attributes) {
    text += `${text === '' ? '' : ','}{"key":${JSON.stringify(key)},"value":${valueText(attributes[key])}}`
  }
  return `[${text}]`
}

function valueText(value: AttributeValue | null | undefined): string {
  if (typeof value === 'string') return `{"stringValue":${JSON.stringify(value)}}`
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'boolean') return `{"boolValue":${value}}`
  if (Array.isArray(value)) return `{"arrayValue":{"values":[${value.map(valueText).join()}]}}`
  return '{}'
}

function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return `{"intValue":"${value}"}`
  return `{"doubleValue":${Number.isFinite(value) ? value : `"${value}"`}}`
}
