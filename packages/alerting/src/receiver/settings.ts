import type { AlertWebhookOptions, DeliveryLimits, RemediatingOptions, SendingOptions } from './options.ts'

/** The numbers of the options, with every default in its place. */
export interface Settings {
  readonly limits: Required<DeliveryLimits>
  readonly sending: Required<SendingOptions>
  readonly remediating: Required<RemediatingOptions>
  readonly lateMs: number
  readonly retentionMs: number
  readonly deadLetterRetentionMs: number
}

const minuteMs = 60_000
const dayMs = 1_440 * minuteMs

const limits = { bodyBytes: 16 * 1_048_576, alerts: 20_000, deliveries: 100, storeTimeoutMs: 10_000 }
const remediating = { timeoutMs: minuteMs, maxWaitMs: 10 * minuteMs }
const sending = {
  ...{ timeoutMs: 10_000, concurrency: 4, alertsPerMessage: 100, drainMs: 15_000 },
  ...{ minRetryMs: 1_000, maxRetryMs: 5 * minuteMs, maxAgeMs: dayMs, pollMs: 1_000 },
}

/** Timers can't count further, and would fire at once. PostgreSQL's integers end there too. */
const longestTimerMs = 2 ** 31 - 1
const bounded: readonly string[] = [
  ...['limits.storeTimeoutMs', 'sending.timeoutMs', 'sending.pollMs', 'sending.drainMs', 'remediating.timeoutMs'],
  'sending.concurrency',
]

/** Returns them. Throws a `TypeError` that names the option which is no number, not whole, too small or too large. */
export function settle(options: AlertWebhookOptions): Settings {
  const settings: Settings = {
    limits: numbers('limits', limits, options.limits),
    sending: numbers('sending', sending, options.sending),
    remediating: numbers('remediating', remediating, options.remediating),
    lateMs: whole('lateMs', options.lateMs ?? minuteMs, 0),
    retentionMs: whole('retentionMs', options.retentionMs ?? 30 * dayMs, minuteMs),
    deadLetterRetentionMs: whole('deadLetterRetentionMs', options.deadLetterRetentionMs ?? 90 * dayMs, minuteMs),
  }
  if (settings.sending.minRetryMs > settings.sending.maxRetryMs) {
    throw new TypeError('alertWebhook: sending.minRetryMs must not be above sending.maxRetryMs')
  }
  return settings
}

function numbers<T extends Record<string, number>>(
  group: string,
  defaults: T,
  given: Readonly<Record<string, number>> | object = {},
): T {
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(defaults, key))
  if (unknown !== undefined) throw new TypeError(`alertWebhook: ${group}.${unknown}: there is no such option`)
  const settled = Object.entries(defaults).map(([key, fallback]) => {
    const value: unknown = Reflect.get(given, key) ?? fallback
    return [key, whole(`${group}.${key}`, value, 1)]
  })
  return Object.fromEntries(settled)
}

/** Returns the number. Throws a `TypeError` that names it when it is not whole or too small. */
export function whole(name: string, value: unknown, min: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min) {
    throw new TypeError(`alertWebhook: ${name} must be a whole number of at least ${min}`)
  }
  if (value > longestTimerMs && bounded.includes(name)) {
    throw new TypeError(`alertWebhook: ${name} must be ${longestTimerMs} at most`)
  }
  return value
}
