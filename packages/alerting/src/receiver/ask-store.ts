import type { Time } from './time.ts'
import { TimeoutError, within } from './within.ts'

/** Asks the store something, and rejects when it has not answered in time. `late` gets an answer that comes after that. */
export type AskStore = <T>(question: () => Promise<T>, late?: (answer: T) => void) => Promise<T>

/** @see askStore */
export interface AskOptions {
  /** Questions that may be open. */
  readonly open: number
  readonly limitMs: number
  readonly time: Time
}

/**
 * Returns what asks a store that may hang. Who gives up waiting has still asked: the question stands in the queue of a
 * driver, with all that it carries. So no more than `open` are put, and further ones are refused at once.
 */
export function askStore({ open, limitMs, time }: AskOptions): AskStore {
  let unanswered = 0
  return async <T>(question: () => Promise<T>, late?: (answer: T) => void) => {
    if (unanswered >= open) throw new TimeoutError('the store has not answered what it was asked before')
    unanswered++
    let tooLate = false
    // A store that throws at once is one that rejects.
    const answer = Promise.resolve().then(question)
    answer.then(
      (value) => {
        unanswered--
        if (tooLate) late?.(value)
      },
      () => {
        unanswered--
      },
    )
    return within(answer, limitMs, time, 'the store', () => {
      tooLate = true
    })
  }
}
