import type { Message, MessageAlert } from '../notifier.ts'

/** Half past ten on 1 June 2026, UTC. */
export const startedAt: number = Date.UTC(2026, 5, 1, 10, 30)

/** Returns an alert as a notifier gets it. */
export function alertOf(changes: Partial<MessageAlert> = {}): MessageAlert {
  return {
    status: 'firing',
    labels: { alertname: 'HighLatency', severity: 'critical', instance: 'web-1:9100', job: 'web' },
    annotations: {
      summary: 'P95 is above 2 s',
      description: 'It has been for 5 minutes.',
      runbook_url: 'https://example.com/runbook#highlatency',
    },
    startsAt: startedAt,
    endsAt: undefined,
    generatorUrl: 'https://prometheus.example.com/graph?g0.expr=up&g0.tab=1',
    fingerprint: '0123456789abcdef',
    incidentId: 'incident-1',
    ...changes,
  }
}

/** Returns a message as a notifier gets it. */
export function messageOf(changes: Partial<Message> = {}): Message {
  return {
    id: 'message-1',
    status: 'firing',
    groupKey: '{}:{alertname="HighLatency"}',
    groupLabels: { alertname: 'HighLatency', cluster: 'eu' },
    externalUrl: 'https://alertmanager.example.com',
    alerts: [alertOf()],
    ...changes,
  }
}

/** Returns the message that tells of the end of what the given one tells. */
export function resolvedOf(message: Message): Message {
  const alerts = message.alerts.map((it) => ({ ...it, status: 'resolved' as const, endsAt: it.startsAt + 60_000 }))
  return { ...message, id: `${message.id}-resolved`, status: 'resolved', alerts }
}

const NASTY =
  '<script>alert(1)</script> & <!channel> <https://evil.example.com|click> @everyone *b* `c` ```\n\r\nBcc: eve@example.com\r\n.\r\n' +
  '\u0000\u0007\u001b[31m \u202eevil\u202c 😀👩‍👩‍👧 مرحبا שלום \ud800 ![x](https://evil.example.com/x.png)'

/** Messages that a careless notifier breaks at, by what is odd about them. */
export const oddMessages: Readonly<Record<string, Message>> = {
  'has 100 alerts': messageOf({
    id: 'odd-many',
    alerts: Array.from({ length: 100 }, (_, i) => alertOf({ incidentId: `incident-many-${i}` })),
  }),
  'has no annotations and no labels': messageOf({
    id: 'odd-empty',
    groupLabels: {},
    groupKey: '',
    externalUrl: '',
    alerts: [alertOf({ labels: {}, annotations: {}, generatorUrl: '', incidentId: 'incident-empty' })],
  }),
  'has texts of 10 kB in every label': messageOf({
    id: 'odd-long',
    groupLabels: long(),
    alerts: Array.from({ length: 12 }, (_, i) =>
      alertOf({
        labels: long(),
        annotations: long(),
        generatorUrl: `https://example.com/${'x'.repeat(10_000)}`,
        incidentId: `l${i}`,
      }),
    ),
  }),
  'has markup, controls, line breaks, emoji and texts from right to left': messageOf({
    id: 'odd-nasty',
    groupLabels: { cluster: NASTY },
    alerts: [
      alertOf({
        labels: { alertname: NASTY, severity: NASTY, [NASTY]: NASTY },
        annotations: { summary: NASTY, description: NASTY, runbook_url: 'javascript:alert(1)' },
        generatorUrl: 'https://user:pass@example.com/"><script>|x',
        incidentId: 'incident nasty\r\nX: y',
      }),
    ],
  }),
  'has ids of strange characters': messageOf({
    id: 'odd.id\r\n😀'.repeat(100),
    alerts: [alertOf({ incidentId: 'odd 😀\n'.repeat(200) })],
  }),
}

function long(): Record<string, string> {
  const text = (character: string): string => character.repeat(10_000)
  return { alertname: text('&'), severity: text('s'), summary: text('<'), description: text('\\"'), service: text('é') }
}
