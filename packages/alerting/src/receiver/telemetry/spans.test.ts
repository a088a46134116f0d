import { until } from '@honoscope/testing'
import type { Attributes, Span, SpanOptions, Tracer } from '@opentelemetry/api'
import { expect, it } from 'vitest'
import { alertWebhook } from '../alert-webhook.ts'
import { deliver, token, wireAlert } from '../testing/payload.ts'
import { sink } from '../testing/sink.ts'

interface Seen {
  readonly name: string
  readonly spanId: string
  readonly options: SpanOptions
  readonly attributes: Attributes
  ended: number
  failed: boolean
}

function fakeTracer(): { readonly tracer: Tracer; readonly spans: Seen[] } {
  const spans: Seen[] = []
  const tracer = {
    startActiveSpan(name: string, options: SpanOptions, work: (span: Span) => unknown) {
      const spanId = String(spans.length + 1).padStart(16, '0')
      const seen: Seen = { name, spanId, options, attributes: { ...options.attributes }, ended: 0, failed: false }
      spans.push(seen)
      return work({
        spanContext: () => ({ traceId: 'a'.repeat(32), spanId, traceFlags: 1 }),
        setAttribute: (key: string, value: string) => Object.assign(seen.attributes, { [key]: value }),
        setStatus: () => Object.assign(seen, { failed: true }),
        end: () => seen.ended++,
      } as unknown as Span)
    },
  }
  return { tracer: tracer as Tracer, spans }
}

it('each attempt and remediation has a span that links to the delivery which it follows from', async () => {
  const { tracer, spans } = fakeTracer()
  const pager = sink((_message, { number }) => (number === 1 ? Promise.reject(new TypeError('no')) : undefined))
  const receiver = alertWebhook({
    ...{ auth: token, notifiers: { pager }, routes: [{ notifiers: ['pager'] }], tracer },
    remediations: { look: { when: { alertname: 'DiskFull' }, run: async () => 'looked' } },
    sending: { minRetryMs: 1, pollMs: 5 },
  })
  await deliver(receiver, [wireAlert('secret-host')])
  await until(() => spans.length === 4 && spans.every(({ ended }) => ended === 1))
  await receiver.close()
  const [delivery] = spans
  expect(delivery).toMatchObject({
    name: 'alert.delivery',
    attributes: { 'honoscope.alerts': 1, 'honoscope.alerts.new': 1 },
  })
  expect(delivery?.options.root).toBeUndefined()
  const others = spans.slice(1)
  expect(others.map(({ name, failed }) => `${name}${failed ? ' failed' : ''}`).toSorted()).toEqual([
    'alert.notify',
    'alert.notify failed',
    'alert.remediate',
  ])
  for (const { options } of others) {
    expect(options.root).toBe(true)
    expect(options.links?.map(({ context }) => context.spanId)).toEqual([delivery?.spanId])
  }
  expect(JSON.stringify(spans)).not.toContain('secret-host')
  expect(JSON.stringify(spans)).not.toContain('DiskFull')
})
