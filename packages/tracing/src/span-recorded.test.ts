import { type Attributes, ROOT_CONTEXT, type Span } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { type ReadableSpan, type SpanLimits, TracerProvider } from '@opentelemetry/sdk-trace'
import { describe, expect, it } from 'vitest'
import { createIds } from './ids.ts'
import { RecordedSpan } from './span-recorded.ts'

// A span of ours is held against the SDK's: the same calls must leave the same span to export.

const limits: Required<SpanLimits> = {
  attributeCountLimit: 4,
  attributeValueLengthLimit: 10,
  eventCountLimit: 2,
  linkCountLimit: 2,
  attributePerEventCountLimit: 2,
  attributePerLinkCountLimit: 2,
}
const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }

/** Both spans after `use`, without ids and times. */
function both(use: (span: Span) => void): [ours: object, theirs: object] {
  const ended: ReadableSpan[] = []
  const onEnd = (span: ReadableSpan): void => void ended.push(span)
  const resource = resourceFromAttributes({ 'service.name': 'test' })
  const ours = new RecordedSpan({ resource, scope: { name: 'test' }, limits, onEnd }, 'GET', 1, context, undefined)
  const provider = new TracerProvider({
    resource,
    spanLimits: limits,
    spanProcessors: [
      { onStart: () => undefined, onEnd, forceFlush: async () => undefined, shutdown: async () => undefined },
    ],
  })
  const theirs = provider.getTracer('test').startSpan('GET', { kind: 1 }, ROOT_CONTEXT)
  for (const span of [ours, theirs]) {
    use(span)
    span.end()
    expect(span.isRecording()).toBe(false)
  }
  expect(ended).toHaveLength(2)
  return [plain(ended[0] as ReadableSpan), plain(ended[1] as ReadableSpan)]
}

const recorderTo = (onEnd: (span: ReadableSpan) => void) => ({
  resource: resourceFromAttributes({}),
  scope: { name: 't' },
  limits,
  onEnd,
})

function plain(span: ReadableSpan): object {
  const { name, kind, status, attributes, events, links, ended } = span
  return {
    ...{ name, kind, status, attributes, ended },
    events: events.map(({ name, attributes, droppedAttributesCount }) => ({
      name,
      attributes,
      droppedAttributesCount,
    })),
    links: links.map(({ context, attributes = {}, droppedAttributesCount = 0 }) => ({
      context,
      attributes,
      droppedAttributesCount,
    })),
    dropped: [span.droppedAttributesCount, span.droppedEventsCount, span.droppedLinksCount],
    scope: span.instrumentationScope.name,
    resource: span.resource.attributes,
  }
}

const odd = { a: undefined, b: null, c: {}, d: [1, 'x'], '': 'no key' } as unknown as Attributes

describe('a recorded span is what the SDK would have made of', () => {
  const uses: readonly (readonly [name: string, use: (span: Span) => void])[] = [
    ['nothing', () => undefined],
    ['attributes of each type', (span) => span.setAttributes({ s: 'text', n: 1.5, b: false, l: ['a', 'b'] })],
    ['an attribute that is set twice', (span) => span.setAttribute('a', 1).setAttribute('a', 2)],
    ['values that are none', (span) => span.setAttributes(odd)],
    ['too many attributes', (span) => span.setAttributes({ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }).setAttribute('a', 9)],
    ['long values', (span) => span.setAttributes({ s: 'x'.repeat(20), l: ['y'.repeat(20), 'z'] })],
    ['a name', (span) => span.updateName('GET /')],
    ['an error', (span) => span.setStatus({ code: 2, message: 'failed' })],
    ['an error after an ok', (span) => span.setStatus({ code: 1, message: 'm' }).setStatus({ code: 2 })],
    ['an unset after an error', (span) => span.setStatus({ code: 2 }).setStatus({ code: 0 })],
    ['events', (span) => span.addEvent('one').addEvent('two', { a: 1, b: 'x'.repeat(20), c: 3 }, 5)],
    ['an event with a time', (span) => span.addEvent('one', new Date())],
    [
      'links',
      (span) =>
        span.addLink({ context, attributes: { a: 1 } }).addLinks([{ context, attributes: { a: 1, b: 2, c: 3 } }]),
    ],
    ['an exception', (span) => span.recordException({ name: 'TypeError', message: 'no', code: 'E_NO' })],
    ['an exception that is text', (span) => span.recordException('no')],
    ['an exception without a code', (span) => span.recordException({ name: 'E', message: '', code: 0 })],
    ['an exception that says nothing', (span) => span.recordException({ name: '', stack: 'at' })],
    ['an exception that is none', (span) => span.recordException(undefined as unknown as Error)],
    ['keys that every object has', (span) => span.setAttributes({ constructor: 'c', toString: 's', a: 1, b: 2, c: 3 })],
    [
      'what comes after the end',
      (span) => {
        span.end()
        span.setAttribute('a', 1).addEvent('e').addLink({ context }).updateName('n').setStatus({ code: 2 })
      },
    ],
  ]
  it.each(uses)('%s', (_, use) => {
    const [ours, theirs] = both(use)
    expect(ours).toEqual(theirs)
  })

  it('but that of too many events and links it keeps the first', () => {
    const [ours] = both((span) => {
      for (const name of ['1', '2', '3']) span.addEvent(name).addLink({ context: { ...context, spanId: name } })
    })
    expect(ours).toMatchObject({ events: [{ name: '1' }, { name: '2' }], dropped: [0, 1, 1] })
  })

  it('but that it throws for nothing that it is given', () => {
    const nothing = undefined as never
    const ours = new RecordedSpan(
      recorderTo(() => undefined),
      'x',
      0,
      context,
      undefined,
    )
    ours.setStatus(nothing).addLink(nothing).addLinks(nothing).setAttributes(nothing).addEvent(nothing, nothing)
    ours.recordException(nothing)
    ours.end(nothing)
    expect([ours.status, ours.links, ours.attributes]).toEqual([{ code: 0 }, [], {}])
  })

  it('with times that belong together', async () => {
    let exported: ReadableSpan | undefined
    const recorder = recorderTo((span) => {
      exported = span
    })
    const span = new RecordedSpan(recorder, 'x', 0, context, undefined)
    const startedAt = Date.now()
    await new Promise((resolve) => setTimeout(resolve, 30))
    span.end()
    const ms = ([seconds, nanos]: readonly [number, number]): number => seconds * 1000 + nanos / 1e6
    const { startTime, endTime, duration } = exported as ReadableSpan
    expect(Math.abs(ms(startTime) - startedAt)).toBeLessThan(20)
    expect(ms(duration)).toBeGreaterThan(25)
    expect(ms(endTime) - ms(startTime)).toBeCloseTo(ms(duration), 2)
    const given = new RecordedSpan(recorder, 'x', 0, context, undefined)
    given.end(new Date(startedAt - 1000))
    expect(exported?.duration).toEqual([0, 0])
    const nonsense = new RecordedSpan(recorder, 'x', 0, context, undefined)
    nonsense.addEvent('e', new Date(Number.NaN)).end('later' as unknown as Date)
    expect(ms(exported?.events[0]?.time ?? [0, 0])).toBeGreaterThanOrEqual(startedAt)
    expect(ms(exported?.duration ?? [-1, 0])).toBeGreaterThanOrEqual(0)
  })
})

describe('ids', () => {
  it('are hex of the right length, and do not come twice', () => {
    const { newTraceId, newSpanId } = createIds()
    const ids = Array.from({ length: 20_000 }, (_, i) => (i % 2 ? newTraceId() : newSpanId()))
    expect(ids.every((id, i) => (i % 2 ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{16}$/).test(id))).toBe(true)
    expect(new Set(ids).size).toBe(20_000)
  })
})
