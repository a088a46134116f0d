import { describe, expect, it } from 'vitest'
import { otlpTraceFaults } from './otlp-receiver.ts'

const span = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  name: 'GET /users/:id',
  startTimeUnixNano: '1544712660000000000',
  endTimeUnixNano: '1544712660000000001',
}

const everything = {
  ...span,
  parentSpanId: 'eee19b7ec3c1b173',
  traceState: 'a=b',
  kind: 2,
  flags: 0x301,
  attributes: [
    { key: 'text', value: { stringValue: '' } },
    { key: 'truth', value: { boolValue: false } },
    { key: 'whole', value: { intValue: '-9223372036854775808' } },
    { key: 'real', value: { doubleValue: 1.5 } },
    { key: 'none', value: { doubleValue: 'NaN' } },
    { key: 'bytes', value: { bytesValue: 'AQI=' } },
    { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, {}] } } },
    { key: 'map', value: { kvlistValue: { values: [{ key: 'a', value: { intValue: '1' } }] } } },
  ],
  droppedAttributesCount: 1,
  events: [{ timeUnixNano: '1544712660000000000', name: 'e', attributes: [], droppedAttributesCount: 0 }],
  droppedEventsCount: 0,
  links: [{ traceId: span.traceId, spanId: span.spanId, traceState: '', attributes: [], flags: 0x101 }],
  droppedLinksCount: 0,
  status: { code: 2, message: 'no' },
}

const scope = { name: 's', version: '1', attributes: [], droppedAttributesCount: 0 }
const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'x' } }], droppedAttributesCount: 0 }
const around = (...spans: readonly unknown[]) => ({
  resourceSpans: [{ resource, schemaUrl: 'u', scopeSpans: [{ scope, spans, schemaUrl: 'u' }] }],
})
const faultsOf = (changes: object) => otlpTraceFaults(around({ ...span, ...changes }))
const valued = (value: unknown) => ({ attributes: [{ key: 'k', value }] })
const event = { timeUnixNano: '1', name: 'e' }
const link = { traceId: span.traceId, spanId: span.spanId }
const place = 'resourceSpans[0].scopeSpans[0].spans[0]'

describe('otlpTraceFaults', () => {
  it('finds nothing in what is right', () => {
    for (const body of [{}, { resourceSpans: [] }, { resourceSpans: [{}] }, around(), around(span, everything)]) {
      expect(otlpTraceFaults(body, { strict: true })).toEqual([])
    }
    expect(faultsOf({ parentSpanId: '' })).toEqual([])
  })

  it('takes intValue as a number unless strict, as every decoder must', () => {
    const body = around({ ...span, ...valued({ intValue: 7 }) })
    expect(otlpTraceFaults(body)).toEqual([])
    expect(otlpTraceFaults(body, { strict: true })).toEqual([
      `${place}.attributes[0].value.intValue: a number, not a decimal string`,
    ])
  })

  for (const [name, changes, fault] of [
    ['a trace id in base64', { traceId: 'W47/95gDgQPSabYzgT/GDA==' }, 'traceId: not 32 lower-case hex digits'],
    ['a trace id in upper case', { traceId: span.traceId.toUpperCase() }, 'traceId: not 32 lower-case hex digits'],
    ['a trace id of zeros', { traceId: '0'.repeat(32) }, 'traceId: not 32 lower-case hex digits, or all 0'],
    ['a trace id that is empty', { traceId: '' }, 'traceId: not 32'],
    ['a span id too short', { spanId: 'eee19b7ec3c1b1' }, 'spanId: not 16 lower-case hex digits'],
    ['a parent in base64', { parentSpanId: '7uGbfsPBsXQ=' }, 'parentSpanId: not 16 lower-case hex digits'],
    ['a parent of null', { parentSpanId: null }, 'parentSpanId: not 16 lower-case hex digits'],
    ['a parent that is itself', { parentSpanId: span.spanId }, 'its own parent'],
    ['a name that is empty', { name: '' }, 'name: not a string, or empty'],
    ['a kind by its name', { kind: 'SPAN_KIND_SERVER' }, 'kind: not one of the integers 0, 1, 2, 3, 4, 5'],
    ['a kind that there is not', { kind: 6 }, 'kind: not one of the integers'],
    ['a status by its name', { status: { code: 'STATUS_CODE_ERROR' } }, 'status.code: not one of the integers 0, 1, 2'],
    ['a status message that is no text', { status: { message: 1 } }, 'status.message: not a string'],
    ['a start as a number', { startTimeUnixNano: 1544712660000000000 }, 'startTimeUnixNano: not a decimal string'],
    ['an end as a pair', { endTimeUnixNano: { low: 1, high: 2 } }, 'endTimeUnixNano: not a decimal string'],
    ['an end that is no integer', { endTimeUnixNano: '1e18' }, 'endTimeUnixNano: not a decimal string'],
    ['an end beyond 64 bits', { endTimeUnixNano: `${2n ** 64n}` }, 'endTimeUnixNano: not a decimal string'],
    ['a start never set', { startTimeUnixNano: '0' }, 'startTimeUnixNano: not a decimal string of 64 bits, or 0'],
    ['an end before the start', { endTimeUnixNano: '1544712659999999999' }, 'ends before it starts'],
    ['a key in snake_case', { trace_state: 'a=b' }, 'trace_state: unknown key'],
    ['a key of another encoding', { droppedAttributes: 1 }, 'droppedAttributes: unknown key'],
    ['a key of every object', { toString: 1 }, 'toString: unknown key'],
    ['an unknown key in a status', { status: { code: 1, description: '' } }, 'status.description: unknown key'],
    ['a count as a string', { droppedEventsCount: '0' }, 'droppedEventsCount: not an integer from 0 to 4294967295'],
    ['a count below 0', { droppedLinksCount: -1 }, 'droppedLinksCount: not an integer'],
    ['reserved flags', { flags: 0x400 }, 'flags: not an integer from 0 to 1023'],
    ['attributes as an object', { attributes: { a: 1 } }, 'attributes: not an array'],
    ['a key twice', { attributes: [0, 1].map(() => ({ key: 'k', value: { intValue: '1' } })) }, 'key "k" twice'],
    ['a key that is empty', { attributes: [{ key: '', value: { intValue: '1' } }] }, 'key: not a string, or empty'],
    ['an attribute without value', { attributes: [{ key: 'k' }] }, 'attributes[0].value: missing'],
    ['a value that is empty', valued({}), 'attributes[0].value: no value'],
    ['a bare value', valued('x'), 'attributes[0].value: not an object'],
    ['two kinds of value', valued({ stringValue: '1', intValue: '1' }), 'more than one kind of value'],
    ['an unknown kind of value', valued({ string_value: 'x' }), 'value.string_value: unknown key'],
    ['a text that is a number', valued({ stringValue: 1 }), 'stringValue: not a string'],
    ['a truth that is a text', valued({ boolValue: 'true' }), 'boolValue: not a boolean'],
    ['a whole number that is none', valued({ intValue: 1.5 }), 'intValue: a number that no double holds exactly'],
    [
      'a whole number beyond a double',
      valued({ intValue: 2 ** 53 }),
      'intValue: a number that no double holds exactly',
    ],
    [
      'a whole number beyond 64 bits',
      valued({ intValue: `${2n ** 63n}` }),
      'intValue: not a decimal string of 64 bits',
    ],
    ['NaN, as JSON.stringify writes it', valued({ doubleValue: null }), 'doubleValue: not a number, "NaN"'],
    ['bytes that are no base64', valued({ bytesValue: '$' }), 'bytesValue: not base64'],
    ['a list without wrapper', valued({ arrayValue: [] }), 'arrayValue: not an object'],
    ['a list with a bare value', valued({ arrayValue: { values: [1] } }), 'arrayValue.values[0]: not an object'],
    [
      'a map without values',
      valued({ kvlistValue: { values: [{ key: 'a' }] } }),
      'kvlistValue.values[0].value: missing',
    ],
    ['an event without a time', { events: [{ name: 'e' }] }, 'events[0].timeUnixNano: missing'],
    ['an event with a time as number', { events: [{ ...event, timeUnixNano: 1 }] }, 'events[0].timeUnixNano: not'],
    ['an event without a name', { events: [{ timeUnixNano: '1' }] }, 'events[0].name: missing'],
    ['an unknown key in an event', { events: [{ ...event, time: 1 }] }, 'events[0].time: unknown key'],
    ['a link without a span', { links: [{ traceId: span.traceId }] }, 'links[0].spanId: missing'],
    ['a link in base64', { links: [{ ...link, spanId: '7uGbfsPBsXQ=' }] }, 'links[0].spanId: not 16'],
    ['an unknown key in a link', { links: [{ ...link, context: {} }] }, 'links[0].context: unknown key'],
  ] as const) {
    it(`finds: ${name}`, () => {
      expect(faultsOf(changes).join('\n')).toContain(fault)
    })
  }

  for (const [name, body, fault] of [
    ['a list for a body', [], 'body: not an object'],
    ['a body of another signal', { resourceLogs: [] }, 'resourceLogs: unknown key'],
    ['a field by its original name', { resource_spans: [] }, 'resource_spans: unknown key'],
    ['an unknown key beside a resource', { resourceSpans: [{ spans: [] }] }, 'resourceSpans[0].spans: unknown key'],
    [
      'the scope by its old name',
      { resourceSpans: [{ instrumentationLibrarySpans: [] }] },
      'resourceSpans[0].instrumentationLibrarySpans: unknown key',
    ],
    [
      'an unknown key in a resource',
      { resourceSpans: [{ resource: { labels: [] } }] },
      'resourceSpans[0].resource.labels: unknown key',
    ],
    [
      'an unknown key in a scope',
      { resourceSpans: [{ scopeSpans: [{ scope: { schemaUrl: '' } }] }] },
      'resourceSpans[0].scopeSpans[0].scope.schemaUrl: unknown key',
    ],
    ['a schema that is no text', { resourceSpans: [{ schemaUrl: null }] }, 'resourceSpans[0].schemaUrl: not a string'],
  ] as const) {
    it(`finds: ${name}`, () => {
      expect(otlpTraceFaults(body)).toEqual([fault])
    })
  }
})
