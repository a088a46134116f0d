import type { ActiveSpan } from '@honoscope/core'
import type { Attributes, Span, SpanKind, SpanOptions, SpanStatusCode } from '@opentelemetry/api'
import { failureOf } from './failure.ts'
import type { Guard } from './guard.ts'
import type { Rows } from './rows.ts'
import type { Shape } from './shape.ts'

// The numbers of OpenTelemetry's enums: its package is only needed for types.
const internal: SpanKind.INTERNAL = 0
const client: SpanKind.CLIENT = 2
const statusError: SpanStatusCode.ERROR = 2

/** The table of a statement of which Drizzle does not tell one. */
export const unknownTable = 'unknown'

/** What a span of a query says from its start, so that a sampler can see it. Made once for each shape. */
export function querySpanOptions(
  shape: Shape,
  command: string,
  table: string,
  system: string,
  showText: boolean,
): SpanOptions {
  if (shape.spanOptions !== undefined && shape.spanTable === table) return shape.spanOptions
  const attributes: Attributes = { 'db.system.name': system, 'db.operation.name': command }
  if (table !== unknownTable) attributes['db.collection.name'] = table
  if (showText) attributes['db.query.text'] = shape.text
  // It is shared by all spans of the shape.
  shape.spanOptions = Object.freeze({ kind: client, attributes: Object.freeze(attributes) })
  shape.spanTable = table
  return shape.spanOptions
}

/** What a span of a transaction or savepoint says from its start. */
export function blockSpanOptions(operation: 'transaction' | 'savepoint', system: string): SpanOptions {
  return { kind: internal, attributes: { 'db.system.name': system, 'db.operation.name': operation } }
}

/** Writes the numbers of rows. */
export function writeRows(span: Span, { returned, affected }: Rows): void {
  if (returned !== undefined) span.setAttribute('db.response.returned_rows', returned)
  if (affected !== undefined) span.setAttribute('db.response.affected_rows', affected)
}

/** Writes what failed. The status has no message, as the error's own may hold parameters. */
export function writeFailure(span: Span, error: unknown): void {
  const { type, sqlState } = failureOf(error)
  span.setStatus({ code: statusError })
  span.setAttribute('error.type', type)
  if (sqlState !== undefined) span.setAttribute('db.response.status_code', sqlState)
}

/** Ends a span, whatever became of its attributes. */
export function endSpan(guard: Guard, span: Span): void {
  guard.run('span', end, span, undefined, undefined)
}

const end = (span: Span): void => span.end()

/** Returns a span's ids, for exemplars and events. */
export function activeSpanOf(span: Span): ActiveSpan {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return { traceId, spanId, sampled: (traceFlags & 1) === 1 }
}
