/** Value of an attribute, as the instrumentation gave it. */
export type ReceivedValue =
  | string
  | number
  | boolean
  | null
  | readonly ReceivedValue[]
  | { readonly [key: string]: ReceivedValue }

/** Attributes by key. */
export type ReceivedAttributes = Readonly<Record<string, ReceivedValue>>

/** One span of an export, with what it belongs to. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  /** `undefined` for the first span of a trace. */
  readonly parentSpanId: string | undefined
  /** Empty when there is none. */
  readonly traceState: string
  readonly name: string
  readonly kind: (typeof kinds)[number]
  /** Nanoseconds since 1970. */
  readonly startNano: bigint
  /** Nanoseconds since 1970. */
  readonly endNano: bigint
  readonly attributes: ReceivedAttributes
  readonly events: readonly ReceivedEvent[]
  readonly links: readonly ReceivedLink[]
  /** `message` is empty when there is none. */
  readonly status: { readonly code: (typeof codes)[number]; readonly message: string }
  /** Trace flags of W3C in the low 8 bits; 0x100 and 0x200 tell whether the parent is remote. */
  readonly flags: number
  readonly dropped: { readonly attributes: number; readonly events: number; readonly links: number }
  /** Attributes of the resource. */
  readonly resource: ReceivedAttributes
  /** Instrumentation scope; `version` is empty when there is none. */
  readonly scope: { readonly name: string; readonly version: string }
}

/** An event of a span, such as an exception. */
export interface ReceivedEvent {
  readonly name: string
  /** Nanoseconds since 1970. */
  readonly timeNano: bigint
  readonly attributes: ReceivedAttributes
}

/** A link of a span to another. */
export interface ReceivedLink {
  readonly traceId: string
  readonly spanId: string
  readonly attributes: ReceivedAttributes
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
const codes = ['unset', 'ok', 'error'] as const

/** The shapes below are what `otlpTraceFaults` has found to be there. */
interface AnyValueJson {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: string | number
  readonly doubleValue?: number | string
  readonly bytesValue?: string
  readonly arrayValue?: { readonly values?: readonly AnyValueJson[] }
  readonly kvlistValue?: { readonly values?: readonly KeyValueJson[] }
}

interface KeyValueJson {
  readonly key: string
  readonly value: AnyValueJson
}

interface SpanJson {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly traceState?: string
  readonly name: string
  readonly kind?: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes?: readonly KeyValueJson[]
  readonly events?: readonly { timeUnixNano: string; name: string; attributes?: readonly KeyValueJson[] }[]
  readonly links?: readonly { traceId: string; spanId: string; attributes?: readonly KeyValueJson[] }[]
  readonly status?: { readonly code?: number; readonly message?: string }
  readonly flags?: number
  readonly droppedAttributesCount?: number
  readonly droppedEventsCount?: number
  readonly droppedLinksCount?: number
}

/** The body of an export in which `otlpTraceFaults` finds nothing. */
export interface TraceRequestJson {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValueJson[] }
    readonly scopeSpans?: readonly {
      readonly scope?: { readonly name?: string; readonly version?: string }
      readonly spans?: readonly SpanJson[]
    }[]
  }[]
}

/** The spans of an export, in their order. */
export function spansOf(body: TraceRequestJson): ReceivedSpan[] {
  return (body.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) => {
    const attributes = attributesOf(resource?.attributes)
    return scopeSpans.flatMap(({ scope, spans = [] }) =>
      spans.map((span) => ({
        ...spanOf(span),
        resource: attributes,
        scope: { name: scope?.name ?? '', version: scope?.version ?? '' },
      })),
    )
  })
}

function spanOf(span: SpanJson): Omit<ReceivedSpan, 'resource' | 'scope'> {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || undefined,
    traceState: span.traceState ?? '',
    name: span.name,
    kind: kinds[span.kind ?? 0] ?? 'unspecified',
    startNano: BigInt(span.startTimeUnixNano),
    endNano: BigInt(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    events: (span.events ?? []).map(({ name, timeUnixNano, attributes }) => ({
      name,
      timeNano: BigInt(timeUnixNano),
      attributes: attributesOf(attributes),
    })),
    links: (span.links ?? []).map(({ traceId, spanId, attributes }) => ({
      traceId,
      spanId,
      attributes: attributesOf(attributes),
    })),
    status: { code: codes[span.status?.code ?? 0] ?? 'unset', message: span.status?.message ?? '' },
    flags: span.flags ?? 0,
    dropped: {
      attributes: span.droppedAttributesCount ?? 0,
      events: span.droppedEventsCount ?? 0,
      links: span.droppedLinksCount ?? 0,
    },
  }
}

function attributesOf(entries: readonly KeyValueJson[] = []): ReceivedAttributes {
  return Object.fromEntries(entries.map(({ key, value }) => [key, plain(value)]))
}

function plain(value: AnyValueJson): ReceivedValue {
  const { stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue } = value
  if (arrayValue !== undefined) return (arrayValue.values ?? []).map(plain)
  if (kvlistValue !== undefined) return attributesOf(kvlistValue.values)
  if (intValue !== undefined) return Number(intValue)
  if (doubleValue !== undefined) return Number(doubleValue)
  return stringValue ?? boolValue ?? bytesValue ?? null
}
