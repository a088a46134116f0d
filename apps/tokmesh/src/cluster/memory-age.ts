import { createOrder } from './change-order.ts'
import type { Clock } from './clock.ts'
import { type Asked, createConfirmation } from './confirmation.ts'
import { boundMs } from './freshness.ts'
import { type Change, parseChange } from './messages.ts'
import { createWaiting } from './waiting.ts'

/**
 * Why memory is not trusted: the connection was lost; a number was skipped or repeated, or never came; a message can't
 * be read; the number in the database went backwards; the last confirmation is too long ago; it was closed.
 */
export type Doubt = 'connection' | 'gap' | 'unreadable' | 'backwards' | 'late' | 'closed'

/** Options of {@link createMemoryAge}. */
export interface MemoryAgeOptions {
  readonly clock: Clock
  /** A change, in its order. */
  readonly onChange: (change: Change) => void
  /** What is remembered has to be forgotten. */
  readonly onForget: () => void
  /** Nothing vouches for the memory any more; called after `onForget`. */
  readonly onDoubt: (reason: Doubt) => void
}

/** How old this node's memory is, by what it is told and by the answers to what it asks. */
export interface MemoryAge {
  /** Takes a notification of changes. */
  take(payload: string): void
  /** To be called before the number of the last change is asked for. */
  ask(): Asked
  /** Takes the answer. */
  answer(asked: Asked, seq: number): void
  /** As `Freshness.asOf`. */
  asOf(): number
  /** Whether the order of the changes is known. */
  isKnown(): boolean
  /** As `Subscription.applied`. */
  applied(): number
  /** As `Subscription.reached`. */
  reached(seq: number, limitMs: number): Promise<boolean>
  /** What was heard so far is of no use any more. */
  doubt(reason: Doubt): void
  end(): void
}

/** Returns a memory that nothing vouches for. */
export function createMemoryAge({ clock, onChange, onForget, onDoubt }: MemoryAgeOptions): MemoryAge {
  const order = createOrder()
  const confirmation = createConfirmation(order, clock, boundMs)
  const waiting = createWaiting()

  const doubt = (reason: Doubt) => {
    const isNew = confirmation.isGranted()
    confirmation.lose()
    if (!isNew) return
    onForget()
    onDoubt(reason)
  }
  const advance = () => {
    confirmation.advanced()
    waiting.check(order.applied())
  }

  return {
    doubt,
    ask: confirmation.ask,
    isKnown: order.isKnown,
    applied: order.applied,
    take(payload) {
      const change = parseChange(payload)
      if (change === undefined) return doubt('unreadable')
      const place = order.take(change.seq)
      if (place === 'gap') return doubt('gap')
      if (place === 'known') return
      onChange(change)
      advance()
    },
    answer(asked, seq) {
      const outcome = confirmation.answer(asked, seq)
      if (outcome === 'backwards') doubt('backwards')
      if (outcome === 'missing') doubt('gap')
      if (outcome !== 'begun') return
      // What was remembered while nothing was heard may be wrong.
      onForget()
      advance()
    },
    asOf() {
      const moment = confirmation.asOf()
      if (moment === Number.NEGATIVE_INFINITY && confirmation.isGranted()) doubt('late')
      return moment
    },
    reached: async (seq, limitMs) => (order.isKnown() && order.applied() >= seq) || (await waiting.wait(seq, limitMs)),
    end() {
      doubt('closed')
      waiting.end()
    },
  }
}
