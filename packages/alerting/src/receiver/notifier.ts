import type { Alert, AlertStatus } from './alert.ts'

/** What is told at once: alerts of one group, in one state, for one notifier. */
export interface Message {
  /**
   * The same for every attempt, also after a restart. A notifier hands it on where the other side can drop what it
   * has had already: `Idempotency-Key`, PagerDuty's `dedup_key`, `Message-ID`.
   */
  readonly id: string
  readonly status: AlertStatus
  readonly groupKey: string
  readonly groupLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
  /** At least one. */
  readonly alerts: readonly MessageAlert[]
}

/** An alert with the incident that it belongs to. */
export interface MessageAlert extends Alert {
  readonly incidentId: string
}

/** What a notifier is told about an attempt. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number
  /** Aborted when the attempt has taken too long. */
  readonly signal: AbortSignal
}

/**
 * Somebody who is told. One method: it resolves when the other side has taken the message. It rejects when not: then it
 * is asked again later, but for a {@link PermanentError}.
 */
export interface Notifier {
  /** What kind it is, for the README of whoever reads a trace: `slack`, `email`. */
  readonly kind: string
  send(message: Message, attempt: Attempt): Promise<void>
}

/** The other side will never take this message: it goes to the dead letters at once. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError'
  readonly code = 'HONOSCOPE_NOTIFICATION_REFUSED'
}

/** The other side asks for a pause before the next attempt. */
export class RetryAfterError extends Error {
  override readonly name = 'RetryAfterError'
  readonly code = 'HONOSCOPE_NOTIFICATION_LATER'
  /** Milliseconds; of more than an hour it is an hour, and of what is no number none. */
  readonly retryAfterMs: number
  constructor(message: string, retryAfterMs: number, options?: ErrorOptions) {
    super(message, options)
    this.retryAfterMs = retryAfterMs
  }
}
