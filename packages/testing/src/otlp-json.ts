import {
  atMost,
  type Check,
  type Found,
  fields,
  int64,
  isObject,
  list,
  nanoseconds,
  number64,
  oneOf,
  present,
  required,
  spanId,
  text,
  traceId,
  truth,
  uint32,
} from './otlp-fields.ts'

/** How much an OTLP/JSON body is held to. */
export interface OtlpJsonOptions {
  /**
   * Whether `intValue` must be a decimal string, as an encoder of the proto3 JSON mapping writes it. Default: false,
   * which also takes the JSON number that every decoder of the mapping takes, and that the stock exporter writes.
   */
  readonly strict?: boolean
}

/**
 * What is wrong with the parsed body of a `POST /v1/traces`, in words that begin with the place; none when all is well.
 *
 * Held to the JSON encoding of OTLP and the messages of `opentelemetry-proto`, development fields (`entityRefs`, string
 * tables) aside. Stricter than a receiver may be: an unknown key, `null` and an upper-case id are faults too, since an
 * exporter has no reason to write them.
 */
export function otlpTraceFaults(body: unknown, options: OtlpJsonOptions = {}): string[] {
  const faults: string[] = []
  request(body, '', { strict: options.strict ?? false, add: (at, what) => faults.push(`${at || 'body'}: ${what}`) })
  return faults
}

const arrayValue: Check = (value, at, found) => fields({ values: list(anyValue) })(value, at, found)
const kvlistValue: Check = (value, at, found) => fields({ values: keyValues })(value, at, found)

const kinds: Readonly<Record<string, Check>> = {
  stringValue: text,
  boolValue: truth,
  intValue: int64,
  doubleValue: number64,
  arrayValue,
  kvlistValue,
  bytesValue: (value, at, found) => {
    if (typeof value !== 'string' || !/^(?:[\w+/-]{4})*(?:[\w+/-]{2,3}={0,2})?$/.test(value))
      found.add(at, 'not base64')
  },
}

/** An empty value is null, which the attributes of OpenTelemetry allow inside of arrays alone. */
const anyValue: Check = (value, at, found) => {
  fields(kinds)(value, at, found)
  if (isObject(value) && Object.keys(value).length > 1) found.add(at, 'more than one kind of value')
}

const attributeValue: Check = (value, at, found) => {
  anyValue(value, at, found)
  if (isObject(value) && Object.keys(value).length === 0) found.add(at, 'no value')
}

const keyValues: Check = (value, at, found) => {
  list(fields({ key: required(present), value: required(attributeValue) }))(value, at, found)
  if (!Array.isArray(value)) return
  const keys = value.map((entry: unknown) => (isObject(entry) ? entry.key : undefined))
  for (const key of new Set(keys)) {
    if (keys.indexOf(key) !== keys.lastIndexOf(key)) found.add(at, `key ${JSON.stringify(key)} twice`)
  }
}

const withAttributes = { attributes: keyValues, droppedAttributesCount: uint32 }

const event = fields({ timeUnixNano: required(nanoseconds), name: required(present), ...withAttributes })

/** Bits 0 to 7 are the W3C flags, 8 and 9 tell of the parent; the rest is reserved. */
const flags = atMost(0x3ff)

const link = fields({
  traceId: required(traceId),
  spanId: required(spanId),
  traceState: text,
  flags,
  ...withAttributes,
})

const spanFields = fields({
  traceId: required(traceId),
  spanId: required(spanId),
  traceState: text,
  // The span of no parent has an empty one, and the mapping writes what is empty as "" or leaves it out.
  parentSpanId: (value, at, found) => (value === '' ? undefined : spanId(value, at, found)),
  flags,
  name: required(present),
  kind: oneOf(0, 1, 2, 3, 4, 5),
  startTimeUnixNano: required(nanoseconds),
  endTimeUnixNano: required(nanoseconds),
  ...withAttributes,
  events: list(event),
  droppedEventsCount: uint32,
  links: list(link),
  droppedLinksCount: uint32,
  status: fields({ message: text, code: oneOf(0, 1, 2) }),
})

const span: Check = (value, at, found) => {
  spanFields(value, at, found)
  if (!isObject(value)) return
  const [start, end] = [value.startTimeUnixNano, value.endTimeUnixNano]
  if (isDecimal(start) && isDecimal(end) && BigInt(start) > BigInt(end)) found.add(at, 'ends before it starts')
  if (value.parentSpanId === value.spanId) found.add(at, 'its own parent')
}

const isDecimal = (value: unknown): value is string => typeof value === 'string' && /^\d+$/.test(value)

const scope = fields({ name: text, version: text, ...withAttributes })

const request: (value: unknown, at: string, found: Found) => void = fields({
  resourceSpans: list(
    fields({
      resource: fields(withAttributes),
      scopeSpans: list(fields({ scope, spans: list(span), schemaUrl: text })),
      schemaUrl: text,
    }),
  ),
})
