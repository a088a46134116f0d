/** Whether the other side takes messages at present, and how many may be tried. */
export interface Circuit {
  /** Attempts that may begin now, when so many are under way. */
  free(active: number, nowMs: number): number
  succeeded(): void
  /** `pauseMs`: what the other side asked for. */
  failed(nowMs: number, pauseMs?: number): void
  readonly failures: number
}

/** @see createCircuit */
export interface CircuitOptions {
  readonly concurrency: number
  readonly minRetryMs: number
  readonly maxRetryMs: number
  readonly random: () => number
}

/** Within half a minute it is noticed that a notifier is back, however long it was gone. */
const maxProbeMs = 30_000

/**
 * Returns the circuit of one notifier. After a failure one message is tried at a time, with growing pauses, until one is
 * taken: a backlog of thousands is not thrown at somebody who is down, nor at one who just got up.
 */
export function createCircuit({ concurrency, minRetryMs, maxRetryMs, random }: CircuitOptions): Circuit {
  let failures = 0
  let pausedAt = 0
  let pausedUntil = 0
  return {
    free(active, nowMs) {
      // Before the pause began there is none: the clock was put back, by a day perhaps.
      if (nowMs >= pausedAt && nowMs < pausedUntil) return 0
      return Math.max(0, (failures === 0 ? concurrency : 1) - active)
    },
    get failures() {
      return failures
    },
    succeeded() {
      failures = 0
      pausedUntil = 0
    },
    failed(nowMs, pauseMs = 0) {
      const probeMs = jitter(failures, minRetryMs, Math.min(maxRetryMs, maxProbeMs), random)
      failures++
      // Of those who failed together the longest pause counts.
      const until = nowMs >= pausedAt ? pausedUntil : 0
      pausedAt = nowMs
      pausedUntil = Math.max(until, nowMs + Math.max(pauseMs, probeMs))
    },
  }
}

/** Returns a wait of up to `minMs` doubled `failures` times ("full jitter": those who failed together come back apart). */
export function jitter(failures: number, minMs: number, maxMs: number, random: () => number): number {
  return Math.round(random() * Math.min(maxMs, minMs * 2 ** Math.min(failures, 30)))
}
