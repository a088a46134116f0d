import type { AlertStatus } from '../alert.ts'

/** An alert as Alertmanager writes it. */
export interface WireAlert {
  readonly status: AlertStatus
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
  readonly generatorURL: string
  readonly fingerprint: string
}

export const token = 'delivery-token-of-the-tests'
const zeroTime = '0001-01-01T00:00:00Z'
const start = Date.UTC(2026, 0, 1)

/** What of an alert a test may care for. */
export interface WireOptions {
  readonly labels?: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly startsAt?: number
  /** Of a resolved one. Default: a minute after its start. */
  readonly endsAt?: number
}

/** Returns an alert; the same `fingerprint`, the same alert. */
export function wireAlert(fingerprint: string, status: AlertStatus = 'firing', options: WireOptions = {}): WireAlert {
  const { labels = {}, startsAt = start, endsAt = startsAt + 60_000 } = options
  return {
    status,
    labels: { alertname: 'DiskFull', severity: 'critical', instance: fingerprint, ...labels },
    annotations: { summary: 'The disk is full.' },
    startsAt: new Date(startsAt).toISOString(),
    endsAt: status === 'firing' ? zeroTime : new Date(endsAt).toISOString(),
    generatorURL: 'https://prometheus.example.com/graph',
    fingerprint,
  }
}

/** Returns a delivery of these alerts. */
export function payload(alerts: readonly WireAlert[]): Record<string, unknown> {
  return {
    version: '4',
    groupKey: '{}:{alertname="DiskFull"}',
    truncatedAlerts: 0,
    status: alerts.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
    receiver: 'honoscope',
    groupLabels: { alertname: 'DiskFull' },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'https://alertmanager.example.com',
    alerts,
  }
}

/** What is asked of an app. */
export interface Asked {
  request(path: string, init?: RequestInit): Response | Promise<Response>
}

/** Delivers the alerts to an app whose receiver is at `path`. */
export async function deliver(app: Asked, alerts: readonly WireAlert[], path = '/'): Promise<Response> {
  return app.request(path, post(payload(alerts)))
}

/** What a request of Alertmanager's is made of. */
export function post(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }
}
