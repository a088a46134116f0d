import type { Alert, Change, Incident } from '../alert.ts'
import type { Message } from '../notifier.ts'

/** A message that waits for its notifier. */
export interface Notification {
  /** Name of the notifier. */
  readonly notifier: string
  readonly message: Message
  /** Attempts that have failed so far. */
  readonly attempts: number
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** A remediation that is to run for an incident. */
export interface RemediationTask {
  readonly incidentId: string
  /** Name of the remediation. */
  readonly remediation: string
  readonly alert: Message['alerts'][number]
}

/** What follows from changes. */
export interface Plan {
  readonly notifications: readonly Omit<Notification, 'attempts' | 'createdAt'>[]
  readonly remediations: readonly RemediationTask[]
}

/** What became of the alerts of a delivery. */
export interface Received {
  readonly changes: readonly Change[]
  readonly duplicates: number
}

/** What becomes of an attempt. */
export type Settlement =
  | { readonly kind: 'sent' }
  | { readonly kind: 'retry'; readonly atMs: number; readonly error: string }
  | { readonly kind: 'dead'; readonly error: string }

/** A message that its notifier did not take. */
export interface DeadLetter extends Notification {
  readonly error: string
  /** Milliseconds since the epoch. */
  readonly diedAt: number
}

/** How a run of a remediation ended, or why there was none. */
export type RemediationResult = 'done' | 'dry_run' | 'failed' | 'limited' | 'refused' | 'unknown'

/** An entry of the audit: one for each incident and remediation that it was meant for. */
export interface RemediationRecord {
  readonly incidentId: string
  readonly remediation: string
  readonly fingerprint: string
  /** `running` until it has ended; `unknown` when the process ended before it told. */
  readonly result: RemediationResult | 'waiting' | 'running'
  /** What was done, or why not. */
  readonly detail: string
  /** Milliseconds since the epoch. */
  readonly requestedAt: number
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
}

/** How much waits. */
export interface Backlog {
  readonly waiting: number
  readonly dead: number
  /** Since when the oldest waits; milliseconds since the epoch. */
  readonly oldestAt: number | undefined
}

/**
 * Where the receiver keeps what it has heard and what it has to tell. Several processes may share one: what one claims
 * no other does, until the lease has ended. All times are milliseconds since the epoch, by the receiver's clock.
 */
export interface AlertStore {
  /**
   * Takes the alerts, decides by `judge` what is news, and writes down the incidents with what `plan` makes of them: all
   * of it or nothing. It rejects when it is not written; the caller then asks Alertmanager to deliver again.
   */
  receive(
    alerts: readonly Alert[],
    judge: (known: Incident | undefined, alert: Alert) => Incident | undefined,
    plan: (changes: readonly Change[]) => Plan,
    nowMs: number,
  ): Promise<Received>
  /** Takes up to `limit` notifications that are due, oldest first, until `leaseMs` have passed. */
  claim(nowMs: number, leaseMs: number, limit: number): Promise<readonly Notification[]>
  /** Writes down what became of an attempt: of the message with this id. */
  settle(messageId: string, settlement: Settlement, nowMs: number): Promise<void>
  /** When the next notification or remediation is due. */
  nextDue(): Promise<number | undefined>
  /**
   * Takes one remediation that waits, and writes down that it runs, before it does: it is never handed out again. When
   * `limitOf` says that there were enough runs of it, it is recorded as `limited`, and the next is looked at. Those that
   * were running when their process ended become `unknown` after `leaseMs`.
   */
  claimRemediation(
    limitOf: (remediation: string) => { readonly runs: number; readonly perMs: number },
    nowMs: number,
    leaseMs: number,
  ): Promise<RemediationTask | undefined>
  /** Writes down how the run ended. */
  settleRemediation(
    task: Pick<RemediationTask, 'incidentId' | 'remediation'>,
    result: RemediationResult,
    detail: string,
    nowMs: number,
  ): Promise<void>
  /** The latest entries of the audit first. */
  remediations(limit: number): Promise<readonly RemediationRecord[]>
  /** The latest dead letters first. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>
  /** Makes a dead letter wait again; false when there is none of that id. */
  revive(messageId: string, nowMs: number): Promise<boolean>
  backlog(): Promise<Backlog>
  /** Removes what ended before `beforeMs`: sent messages, resolved incidents, old entries of the audit. Not dead letters. */
  prune(beforeMs: number): Promise<number>
}
