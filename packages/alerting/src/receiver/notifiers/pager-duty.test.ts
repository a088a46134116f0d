import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Attempt, type Message, PermanentError, RetryAfterError } from '../notifier.ts'
import { type HttpRecorder, httpRecorder } from '../testing/http-recorder.ts'
import { alertOf, messageOf, oddMessages, resolvedOf } from '../testing/messages.ts'
import { type PagerDutyOptions, pagerDuty } from './pager-duty.ts'

const routingKey = '0123456789abcdef0123456789abcdef'
const attempt = (): Attempt => ({ number: 1, signal: AbortSignal.timeout(30_000) })
let server: HttpRecorder
beforeEach(async () => {
  server = await httpRecorder(() => ({ status: 202 }))
})
afterEach(() => server.stop())

const notifierOf = (options: Partial<PagerDutyOptions> = {}) => pagerDuty({ routingKey, url: server.url, ...options })
const events = () => server.requests.map(({ body }) => JSON.parse(body))

it('triggers an alert with all that helps, and resolves the same one', async () => {
  const notifier = notifierOf()
  await notifier.send(messageOf(), attempt())
  await notifier.send(resolvedOf(messageOf()), attempt())
  expect(events()).toMatchInlineSnapshot(`
    [
      {
        "client": "Honoscope",
        "client_url": "https://alertmanager.example.com/",
        "dedup_key": "incident-1",
        "event_action": "trigger",
        "links": [
          {
            "href": "https://example.com/runbook#highlatency",
            "text": "Runbook",
          },
          {
            "href": "https://prometheus.example.com/graph?g0.expr=up&g0.tab=1",
            "text": "Source",
          },
        ],
        "payload": {
          "class": "HighLatency",
          "component": "web",
          "custom_details": {
            "annotations": {
              "description": "It has been for 5 minutes.",
              "runbook_url": "https://example.com/runbook#highlatency",
              "summary": "P95 is above 2 s",
            },
            "description": "It has been for 5 minutes.",
            "labels": {
              "alertname": "HighLatency",
              "instance": "web-1:9100",
              "job": "web",
              "severity": "critical",
            },
          },
          "group": "cluster=eu",
          "severity": "critical",
          "source": "web-1:9100",
          "summary": "HighLatency: P95 is above 2 s",
          "timestamp": "2026-06-01T10:30:00.000Z",
        },
        "routing_key": "0123456789abcdef0123456789abcdef",
      },
      {
        "dedup_key": "incident-1",
        "event_action": "resolve",
        "routing_key": "0123456789abcdef0123456789abcdef",
      },
    ]
  `)
})

it.each([
  ['critical', 'critical'],
  ['Page', 'critical'],
  ['error', 'error'],
  ['high', 'error'],
  ['warning', 'warning'],
  ['info', 'info'],
  ['sev3', 'warning'],
  ['constructor', 'error'],
  ['', 'error'],
])('takes the severity %j for %s', async (severity, known) => {
  const alerts = [alertOf({ labels: { alertname: 'A', severity } })]
  await notifierOf({ severities: { sev3: 'warning' } }).send(messageOf({ alerts }), attempt())
  expect(events()[0].payload.severity).toBe(known)
})

it('goes on where the limit of an earlier attempt has stopped it', async () => {
  const many = oddMessages['has 100 alerts'] as Message
  let left = 60
  server.answer = () => (left-- > 0 ? { status: 202 } : { status: 429, headers: { 'retry-after': '30' } })
  const notifier = notifierOf()
  await expect(notifier.send(many, attempt())).rejects.toBeInstanceOf(RetryAfterError)
  left = 60
  await notifier.send(many, attempt())
  const told = new Set(events().map((event) => event.dedup_key))
  expect(told.size).toBe(100)
  expect(left).toBe(20)
})

it('tells all the others when one is refused, and says how many were', async () => {
  const many = oddMessages['has 100 alerts'] as Message
  server.answer = ({ body }) => ({ status: JSON.parse(body).dedup_key === 'incident-many-3' ? 400 : 202 })
  const sent = notifierOf().send(many, attempt())
  await expect(sent).rejects.toBeInstanceOf(PermanentError)
  await expect(sent).rejects.toThrow('pagerDuty answered 400 to 1 of 100 alerts')
  expect(server.requests).toHaveLength(100)
})

it.each([
  [{ routingKey: 'Tsecret' }, 'pagerDuty: routingKey'],
  [{ url: 'Tsecret' }, 'pagerDuty: url'],
  [{ severities: { sev1: 'fatal' } } as never, 'pagerDuty: severities[sev1]'],
])('throws at once for %j, without the value', (options: Partial<PagerDutyOptions>, named) => {
  expect(() => notifierOf(options)).toThrow(TypeError)
  expect(() => notifierOf(options)).toThrow(named)
  expect(() => notifierOf(options)).not.toThrow('Tsecret')
})
