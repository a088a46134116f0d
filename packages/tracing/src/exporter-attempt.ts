import { runInScope } from '@honoscope/core'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Sender, SendResult } from './exporter.ts'

/** Time, as the exporting side needs it. */
export interface ExporterTime {
  /** Monotonic milliseconds. */
  clock(): number
  /** Unix ms. */
  now(): number
  /** Calls `run` later and returns what prevents that. It never keeps a process alive. */
  after(ms: number, run: () => void): () => void
  /** From 0 to 1, for jitter. */
  random(): number
}

/** The platform's. */
export const platformTime: ExporterTime = {
  clock: () => performance.now(),
  now: () => Date.now(),
  after: (ms, run) => {
    // The queue is everybody's: it must not hold on to the request that happened to end the first span of a batch.
    const timer = runInScope(undefined, () => setTimeout(run, ms))
    timer.unref()
    return () => clearTimeout(timer)
  },
  random: Math.random,
}

/** One attempt that ends in time, also with a sender that throws or never answers. */
export function attempt(
  sender: Sender,
  spans: readonly ReadableSpan[],
  timeoutMs: number,
  stop: AbortSignal,
  time: ExporterTime,
): Promise<SendResult> {
  const aborter = new AbortController()
  return new Promise((resolve) => {
    const end = (result: SendResult): void => {
      cancel()
      stop.removeEventListener('abort', onStop)
      resolve(result)
    }
    const cancel = time.after(timeoutMs, () => {
      aborter.abort()
      end({ ok: false, reason: 'timeout', retry: true, detail: 'no answer in time' })
    })
    const onStop = (): void => {
      aborter.abort()
      end({ ok: false, reason: 'failed', retry: false, detail: 'shut down' })
    }
    stop.addEventListener('abort', onStop)
    const failed = (): void => end({ ok: false, reason: 'failed', retry: false, detail: 'the exporter threw' })
    Promise.resolve()
      .then(() => sender.send(spans, aborter.signal))
      .then(end, failed)
  })
}

/** Returns what `work` does, or false when that takes longer. This timer keeps the process alive: somebody awaits it. */
export function within(work: Promise<boolean>, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs)
    const end = (done: boolean): void => {
      clearTimeout(timer)
      resolve(done)
    }
    work.then(end, () => end(false))
  })
}
