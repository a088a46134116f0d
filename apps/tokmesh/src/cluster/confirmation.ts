import type { ChangeOrder } from './change-order.ts'
import type { Clock } from './clock.ts'

/** A question for the number of the last change. */
export interface Asked {
  /** Before it was sent, on the monotonic clock. */
  readonly at: number
  readonly wall: number
  /** What the answer can't be below. */
  readonly floor: number
}

/**
 * What an answer made of what is known. After `begun` what was remembered before has to be forgotten. `backwards`: it
 * can't be so low; `missing`: a change that the answer before spoke of was never told.
 */
export type Outcome = 'begun' | 'kept' | 'backwards' | 'missing'

/** The moment whose commits this node knows all. */
export interface Confirmation {
  /** To be called before the question is sent. */
  ask(): Asked
  /** Takes the answer. After `backwards` and `missing` the doubt is the caller's to declare. */
  answer(asked: Asked, seq: number): Outcome
  /** To be called after a change was applied. */
  advanced(): void
  /** Whether something vouches for the memory, or did until it became too old: see {@link Confirmation.asOf}. */
  isGranted(): boolean
  /** The moment on the monotonic clock; negative infinity without one, and when it is too long ago. */
  asOf(): number
  /** Nothing vouches for the memory any more. */
  lose(): void
}

// While a machine sleeps its monotonic clock may stand still. The other one tells.
const driftMs = 1_000

/**
 * Returns a confirmation without a moment. One is granted when all changes up to an answer's number were applied: it
 * was read after the question was sent, so all that was committed before is known then.
 */
export function createConfirmation(order: ChangeOrder, clock: Clock, boundMs: number): Confirmation {
  let granted: Asked | undefined
  let pending: { readonly asked: Asked; readonly seq: number } | undefined

  const advanced = () => {
    if (pending === undefined || order.applied() < pending.seq) return
    granted = pending.asked
    pending = undefined
  }

  return {
    advanced,
    isGranted: () => granted !== undefined,
    ask: () => ({
      ...{ at: clock.monotonic(), wall: clock.wall() },
      // Who is told of a change sees it in what it reads from then on.
      floor: order.isKnown() ? order.applied() : 0,
    }),
    answer(asked, seq) {
      if (!order.isKnown()) {
        order.begin(seq)
        granted = asked
        return 'begun'
      }
      if (seq < asked.floor) return 'backwards'
      // It trails the answer by moments, not until the next one.
      if (pending !== undefined) return 'missing'
      pending = { asked, seq }
      advanced()
      return 'kept'
    },
    asOf() {
      if (granted === undefined) return Number.NEGATIVE_INFINITY
      const age = clock.monotonic() - granted.at
      const drift = Math.abs(clock.wall() - granted.wall - age)
      return age < boundMs && drift <= driftMs ? granted.at : Number.NEGATIVE_INFINITY
    },
    lose() {
      granted = undefined
      pending = undefined
      order.lose()
    },
  }
}
