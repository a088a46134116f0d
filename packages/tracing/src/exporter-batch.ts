import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Sender, SendResult } from './exporter.ts'
import { attempt, type ExporterTime, within } from './exporter-attempt.ts'
import { createBackoff } from './exporter-backoff.ts'
import type { BatchOptions } from './options.ts'

/** Why a span never got to the exporter. */
export type DropReason = 'queue_full' | 'already_shutdown'

/** What a batch tells of. */
export interface BatchEvents {
  /** So many spans were dropped. */
  onDrop(reason: DropReason, count: number): void
  /** One attempt is over. */
  onAttempt(result: SendResult, durationMs: number): void
  /** So many spans will not be tried again: they arrived, or `result` says why they did not. */
  onSettled(result: SendResult, count: number): void
}

/** A bounded queue of ended spans, sent in batches, one at a time. */
export interface Batch {
  /** Takes a span, or drops it when there is no room. Sends nothing by itself before it returns. */
  add(span: ReadableSpan): void
  /** Spans that wait or are being sent. */
  readonly size: number
  /** @see Engine.flush */
  flush(timeoutMs: number): Promise<boolean>
  /** @see Engine.shutdown */
  shutdown(timeoutMs: number): Promise<boolean>
}

/** Attempts for one batch, after which its spans make room for newer ones. */
const maxAttempts = 5

/**
 * Returns a batch in front of `sender`.
 *
 * The stock processor serves worse here: it goes on at once after a 429 and throws a batch away for each answer, so
 * that it empties its queue into a receiver that asked for a pause; it serialises inside the call that ends a span;
 * its flush does not wait for what is being sent, and has no deadline; and it tells nobody what it drops.
 */
export function createBatch(
  sender: Sender,
  settings: Required<BatchOptions>,
  events: BatchEvents,
  time: ExporterTime,
): Batch {
  const { maxQueueSize, maxExportBatchSize, scheduleDelayMs, exportTimeoutMs } = settings
  // What is being sent stays at its head until that is settled, so that its length is all that is held.
  const queue: ReadableSpan[] = []
  const backoff = createBackoff(time)
  let accepted = 0
  let left = 0
  let lost = 0
  let attempts = 0
  let sending: Promise<void> | undefined
  let cancelTimer: (() => void) | undefined
  let closed: Promise<boolean> | undefined
  const aborter = new AbortController()

  function schedule(): void {
    cancelTimer?.()
    cancelTimer = undefined
    if (sending || closed || queue.length === 0) return
    const waitMs = attempts > 0 || queue.length >= maxExportBatchSize ? 0 : scheduleDelayMs
    cancelTimer = time.after(Math.max(waitMs, backoff.waitMs()), send)
  }

  /** Makes one attempt with the spans at the head. */
  function send(): Promise<void> {
    cancelTimer?.()
    cancelTimer = undefined
    sending = sendHead().finally(() => {
      sending = undefined
      schedule()
    })
    return sending
  }

  async function sendHead(): Promise<void> {
    const spans = queue.slice(0, maxExportBatchSize)
    const startedAt = time.clock()
    const result = await attempt(sender, spans, exportTimeoutMs, aborter.signal, time)
    if (aborter.signal.aborted) return
    events.onAttempt(result, time.clock() - startedAt)
    backoff.note(result)
    attempts++
    if (!result.ok && result.retry && attempts < maxAttempts) return
    attempts = 0
    queue.splice(0, spans.length)
    left += spans.length
    lost += result.ok ? result.rejected : spans.length
    events.onSettled(result, spans.length)
  }

  /** Sends what is there now, and gives up when the receiver can't take it. */
  async function drain(): Promise<boolean> {
    const goal = accepted
    const lostBefore = lost
    for (let tried = false; left < goal && !aborter.signal.aborted; ) {
      if (sending) {
        await sending
        continue
      }
      if (tried && (attempts > 0 || backoff.waitMs() > 0)) return false
      tried = true
      await send()
    }
    await sender.flush?.()
    return left >= goal && lost === lostBefore
  }

  async function close(timeoutMs: number): Promise<boolean> {
    const sent = await within(drain(), timeoutMs)
    aborter.abort()
    cancelTimer?.()
    if (queue.length > 0) events.onDrop('already_shutdown', queue.length)
    queue.length = 0
    // An exporter that never lets go is no reason to wait.
    await within(
      sender
        .close()
        .then(() => true)
        .catch(() => true),
      1000,
    )
    return sent
  }

  return {
    add: (span) => {
      if (closed) return events.onDrop('already_shutdown', 1)
      if (queue.length >= maxQueueSize) return events.onDrop('queue_full', 1)
      queue.push(span)
      accepted++
      if (cancelTimer === undefined || queue.length === maxExportBatchSize) schedule()
    },
    get size() {
      return queue.length
    },
    flush: (timeoutMs) => closed ?? within(drain(), timeoutMs),
    shutdown: (timeoutMs) => {
      closed ??= close(timeoutMs)
      return closed
    },
  }
}
