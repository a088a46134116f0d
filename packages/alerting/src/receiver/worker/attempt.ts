import type { Message, Notifier } from '../notifier.ts'
import type { Time } from '../time.ts'
import { within } from '../within.ts'

/** What became of an attempt. */
export type Outcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly error: unknown }
  /** `afterMs`: what the other side asked for. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly afterMs: number | undefined }

/**
 * Resolves to what became of an attempt. It never rejects and takes `timeoutMs` at most, whatever the notifier does: one
 * that throws, that returns no promise, that never settles or that ignores its signal.
 */
export async function attempt(
  notifier: Notifier,
  message: Message,
  number: number,
  limits: { readonly timeoutMs: number; readonly time: Time; readonly closing: AbortSignal },
): Promise<Outcome> {
  const { timeoutMs, time, closing } = limits
  const controller = new AbortController()
  const abort = (): void => controller.abort(closing.reason)
  closing.addEventListener('abort', abort)
  try {
    const sent = new Promise<void>((resolve, reject) => {
      // Who ignores the signal is not waited for.
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason))
      if (closing.aborted) abort()
      else Promise.resolve(notifier.send(message, { number, signal: controller.signal })).then(resolve, reject)
    })
    await within(sent, timeoutMs, time, 'the attempt', (error) => controller.abort(error))
    return { kind: 'sent' }
  } catch (error) {
    return codeOf(error) === 'HONOSCOPE_NOTIFICATION_REFUSED'
      ? { kind: 'refused', error }
      : { kind: 'failed', error, afterMs: afterMsOf(error) }
  } finally {
    closing.removeEventListener('abort', abort)
  }
}

/** Nobody gets to silence a notifier for longer, whatever is asked for. Milliseconds. */
const longestPauseMs = 3_600_000

// By their codes: a notifier may have another copy of this package.
const codeOf = (error: unknown): unknown => field(error, 'code')

function afterMsOf(error: unknown): number | undefined {
  const ms = codeOf(error) === 'HONOSCOPE_NOTIFICATION_LATER' ? field(error, 'retryAfterMs') : undefined
  // Stores keep whole milliseconds.
  return typeof ms === 'number' && ms >= 0 ? Math.ceil(Math.min(ms, longestPauseMs)) : undefined
}

function field(error: unknown, name: string): unknown {
  try {
    return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
  } catch {
    // A getter that throws.
    return undefined
  }
}
