import type { Alert, Change } from '../alert.ts'
import type { Judge } from '../judge.ts'
import type { Message } from '../notifier.ts'

/** A message that is to be told by a notifier. */
export interface Notification {
  /** Name of the notifier. */
  readonly notifier: string
  readonly message: Message
  /** The span of the delivery, as in `traceparent`; `undefined` when there is none. */
  readonly trace: string | undefined
}

/** A message that waits for its notifier. */
export interface Waiting extends Notification {
  /** Attempts that have failed so far. */
  readonly attempts: number
  /** Since when it waits; milliseconds since the epoch. */
  readonly createdAt: number
}

/** A message that is attempted now, by whoever claimed it. */
export interface Claimed extends Waiting {
  /** Until then nobody else can claim it; it tells this claim from a later one. Milliseconds since the epoch. */
  readonly leasedUntil: number
}

/** A remediation that is to run for an incident. */
export interface RemediationTask {
  readonly incidentId: string
  /** Name of the remediation. */
  readonly remediation: string
  readonly alert: Message['alerts'][number]
  /** @see Notification.trace */
  readonly trace: string | undefined
}

/** What follows from changes. */
export interface Plan {
  readonly notifications: readonly Notification[]
  readonly remediations: readonly RemediationTask[]
}

/** What became of the alerts of a delivery. */
export interface Received {
  readonly changes: readonly Change[]
  /** One for each alert, in their order. */
  readonly verdicts: readonly ('new' | 'duplicate' | 'stale')[]
}

/** What becomes of an attempt. */
export type Settlement =
  | { readonly kind: 'sent' }
  | { readonly kind: 'retry'; readonly atMs: number; readonly error: string }
  | { readonly kind: 'dead'; readonly error: string }

/** A message that its notifier did not take. */
export interface DeadLetter extends Waiting {
  readonly error: string
  /** Milliseconds since the epoch. */
  readonly diedAt: number
}

/** How a run of a remediation ended, or why there was none. */
export type RemediationResult =
  /** It did what it is for. */
  | 'done'
  /** It said what it would do. */
  | 'dry_run'
  /** It threw, or took too long. */
  | 'failed'
  /** There were enough runs of it lately. It did not run. */
  | 'limited'
  /** The target is not one that it may touch. */
  | 'refused'
  /** Its turn came too late, or there is no remediation of that name any more. It did not run. */
  | 'expired'
  /** The process ended before the run did: nobody knows. */
  | 'unknown'

/** An entry of the audit: one for each incident and remediation that it was meant for. */
export interface RemediationRecord {
  readonly incidentId: string
  readonly remediation: string
  readonly fingerprint: string
  readonly result: RemediationResult | 'waiting' | 'running'
  /** What was done, or why not. */
  readonly detail: string
  /** Milliseconds since the epoch. */
  readonly requestedAt: number
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
}

/** Runs at most, over all incidents and processes, in a stretch of time. */
export interface RunLimit {
  readonly runs: number
  readonly perMs: number
}

/** @see AlertStore.claimRemediation */
export interface RemediationClaim {
  /** Those that may run here, by name. */
  readonly limits: Readonly<Record<string, RunLimit>>
  /** A run that takes longer has lost its process. Milliseconds. */
  readonly leaseMs: number
  /** A task that has waited longer is not begun any more. Milliseconds. */
  readonly maxWaitMs: number
}

/** What a look at the remediations came to. */
export interface ClaimedRemediation {
  readonly task: RemediationTask | undefined
  /** Those that ended without a run, or whose run was lost, since somebody looked last: for the metrics. */
  readonly ended: readonly { readonly remediation: string; readonly result: 'limited' | 'expired' | 'unknown' }[]
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
   * of it or nothing. Both may be called again for the same alerts, and have no effects of their own. It rejects when it
   * is not written; the caller then asks Alertmanager to deliver again.
   */
  receive(
    alerts: readonly Alert[],
    judge: Judge,
    plan: (changes: readonly Change[]) => Plan,
    nowMs: number,
  ): Promise<Received>
  /**
   * Takes up to `limit` messages for `notifier` that are due, oldest first, until `leaseMs` have passed. The message of
   * an incident's end is not due while that of its begin waits: a pager that hears the begin last stays open for ever.
   */
  claim(notifier: string, nowMs: number, leaseMs: number, limit: number): Promise<readonly Claimed[]>
  /**
   * Writes down what became of an attempt. That it was sent counts whoever says it; anything else only as long as the
   * claim holds.
   */
  settle(claimed: Claimed, settlement: Settlement, nowMs: number): Promise<void>
  /**
   * Makes those dead letters that are for none of `notifiers`, wait since before `createdBeforeMs` and are not claimed:
   * nobody will ever ask for them. Returns how many.
   */
  expire(notifiers: readonly string[], createdBeforeMs: number, nowMs: number): Promise<number>
  /**
   * Takes one remediation that waits, and writes down that it runs, before it does: it is never handed out again. One
   * that had enough runs is recorded as `limited`, and the next is looked at. What was running when its process ended
   * becomes `unknown` after `leaseMs`.
   */
  claimRemediation(claim: RemediationClaim, nowMs: number): Promise<ClaimedRemediation>
  /** Writes down how the run ended, also when it was taken for lost meanwhile. */
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
  /** Makes a dead letter wait anew, as if it had come now; false when there is none of that id. */
  revive(messageId: string, nowMs: number): Promise<boolean>
  backlog(): Promise<Backlog>
  /**
   * Removes what ended before `beforeMs`: sent messages, incidents that were not heard of since, entries of the audit;
   * and dead letters of before `deadBeforeMs`. Returns how many.
   */
  prune(beforeMs: number, deadBeforeMs: number): Promise<number>
}
