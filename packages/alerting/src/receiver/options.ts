import type { Catalogue } from '@honoscope/core'
import type { Tracer } from '@opentelemetry/api'
import type { MiddlewareHandler } from 'hono'
import type { ReceiverFault } from './guard.ts'
import type { Notifier } from './notifier.ts'
import type { Remediation } from './remediation.ts'
import type { Route } from './route.ts'
import type { AlertStore } from './store/store.ts'
import type { Time } from './time.ts'

/** Options of `alertWebhook()`. */
export interface AlertWebhookOptions<Name extends string = string> {
  /**
   * Who may deliver: a bearer token, or several while one is changed for another, each of 16 printable characters or
   * more; or middleware of your own, `apiKey({ keys, roles })` for one. There is no default: it throws a `TypeError`.
   */
  readonly auth: string | readonly string[] | MiddlewareHandler
  /** Who is told of what. The last resort is a route without `match`; a `TypeError` where there is none. */
  readonly routes: readonly Route<NoInfer<Name>>[]
  /** By the name that routes and metrics use: up to 64 letters, digits, `_` and `-`. */
  readonly notifiers: Readonly<Record<Name, Notifier>>
  /** By the name that the audit and the metrics use. Default: none. */
  readonly remediations?: Readonly<Record<string, Remediation>>
  /** Where it is written down. Default: `memoryStore()`, which loses what waits when the process ends. */
  readonly store?: AlertStore
  /** Where it counts. Default: nowhere. */
  readonly metrics?: Catalogue | undefined
  /** Makes the spans. Default: none. */
  readonly tracer?: Tracer | undefined
  /** Told of each failure that no answer tells of. What it throws is dropped. Default: nobody is told. */
  readonly onFault?: ((fault: ReceiverFault) => unknown) | undefined
  /** What a delivery may be. */
  readonly limits?: DeliveryLimits
  /** How messages are sent. */
  readonly sending?: SendingOptions
  /** How remediations are run. */
  readonly remediating?: RemediatingOptions
  /**
   * A "firing" that comes so soon after the end of the same incident is late, and not news. Milliseconds, at least 0,
   * and less than Alertmanager's `group_interval`. Default: 60,000.
   */
  readonly lateMs?: number
  /**
   * How long incidents that are not heard of, sent messages and the audit are kept. Milliseconds, at least a minute, and
   * more than Alertmanager's `repeat_interval`: what is forgotten is news again. Default: 30 days.
   */
  readonly retentionMs?: number
  /** How long dead letters are kept. Milliseconds, at least a minute. Default: 90 days. */
  readonly deadLetterRetentionMs?: number
  /** Where time comes from. Default: the platform's. */
  readonly time?: Time
  /** 0 up to 1, for the jitter of waits. Default: `Math.random`. */
  readonly random?: () => number
}

/** @see AlertWebhookOptions.limits */
export interface DeliveryLimits {
  /** A larger body is 413. Default: 16 MiB, some 15,000 alerts. */
  readonly bodyBytes?: number
  /** A delivery of more alerts is 400. Default: 20,000. */
  readonly alerts?: number
  /** Deliveries at once; more are asked to come again (503). Default: 100. */
  readonly deliveries?: number
  /** After so many milliseconds of waiting for the store the answer is 503. Default: 10,000. */
  readonly storeTimeoutMs?: number
}

/** @see AlertWebhookOptions.sending */
export interface SendingOptions {
  /** Milliseconds that an attempt may take. Default: 10,000. */
  readonly timeoutMs?: number
  /** Attempts at once for each notifier. Default: 4. */
  readonly concurrency?: number
  /** Alerts in a message at most; more make another message. Default: 100. */
  readonly alertsPerMessage?: number
  /** The first wait after a failure is up to this, in milliseconds; each doubles. Default: 1,000. */
  readonly minRetryMs?: number
  /** No wait is longer, in milliseconds, but for one that a `RetryAfterError` asks for. Default: 300,000. */
  readonly maxRetryMs?: number
  /** A message that waits longer becomes a dead letter. Milliseconds. Default: 24 hours. */
  readonly maxAgeMs?: number
  /** How often the store is asked for what other processes left, in milliseconds. Default: 1,000. */
  readonly pollMs?: number
  /** How long `close()` waits for attempts under way, in milliseconds. Default: 15,000. */
  readonly drainMs?: number
}

/** @see AlertWebhookOptions.remediating */
export interface RemediatingOptions {
  /** Milliseconds that a run may take. Default: 60,000. */
  readonly timeoutMs?: number
  /** A remediation that could not begin for so long is not begun any more. Milliseconds. Default: 600,000. */
  readonly maxWaitMs?: number
}
