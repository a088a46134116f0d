/** Knows when each token was revoked, and judges answers by it: the contract's sections 7.3 and 7.5. */
import type { Answered } from './ask.ts'
import type { Judged } from './load.ts'

/** No node accepts a revoked token later than this after the commit. */
export const boundMs = 2000

/** What the client itself may take until it has read an answer, on a machine that it shares with all nodes. */
const clientMs = 500

/** What the answers amount to. */
export interface Verdict {
  /** Accepted, never revoked or before the revoke was acknowledged. */
  readonly acceptedBefore: number
  /** Accepted after it, within the bound: out of memory that did not know yet. */
  readonly acceptedWithin: number
  /** Accepted too late: there must be none. */
  readonly late: readonly Judged[]
  /**
   * Made within the bound and received long after it: an answer that was in the buffers of a process when that was
   * frozen. Of a node that was not frozen there must be none.
   */
  readonly delivered: readonly Judged[]
  /** Refused as revoked. */
  readonly refused: number
  /** Refused before anybody had asked for the revoke, or for a reason that no live session gives: there must be none. */
  readonly wrong: readonly Judged[]
  /** `TM-SYS-5030`. */
  readonly unavailable: readonly Judged[]
  /** No answer. */
  readonly unanswered: readonly Judged[]
}

/** Judges a run. */
export interface Oracle {
  /** Takes the answer to the revoke of a token's session. Only of acknowledged ones the time is known. */
  revoked(token: string, answer: Answered): void
  judge(answers: readonly Judged[]): Verdict
}

/** When a token was revoked. The commit was before `madeAt`, and not before `sentAt`. */
type Revoke = Pick<Answered, 'sentAt' | 'madeAt' | 'receivedAt'>

/** Returns an oracle that has seen nothing yet. */
export function createOracle(): Oracle {
  const revokes = new Map<string, Revoke>()
  /** Requests whose outcome nobody knows: the session may be revoked since `sentAt`, or not. */
  const attempts = new Map<string, number>()
  return {
    revoked(token, answer) {
      attempts.set(token, Math.min(answer.sentAt, attempts.get(token) ?? Number.POSITIVE_INFINITY))
      if (answer.status === 200 && !revokes.has(token)) revokes.set(token, answer)
    },
    judge(answers) {
      const kinds = answers.map((answer) => kindOf(answer, revokes.get(answer.token), attempts.get(answer.token)))
      const of = (kind: Kind) => answers.filter((_, index) => kinds[index] === kind)
      return {
        acceptedBefore: of('before').length,
        acceptedWithin: of('within').length,
        late: of('late'),
        delivered: of('delivered'),
        refused: of('refused').length,
        wrong: of('wrong'),
        unavailable: of('unavailable'),
        unanswered: of('unanswered'),
      }
    },
  }
}

type Kind = 'before' | 'within' | 'late' | 'delivered' | 'refused' | 'wrong' | 'unavailable' | 'unanswered'

function kindOf(answer: Judged, revoke: Revoke | undefined, attemptedAt = Number.POSITIVE_INFINITY): Kind {
  const { status, code, madeAt, receivedAt } = answer
  if (status === 0) return 'unanswered'
  if (code === 'TM-SYS-5030') return 'unavailable'
  if (code === 'TM-TOKN-4012') return receivedAt < attemptedAt ? 'wrong' : 'refused'
  if (status !== 200) return 'wrong'
  if (!revoke || madeAt <= revoke.madeAt) return 'before'
  if (madeAt > revoke.madeAt + boundMs) return 'late'
  return receivedAt > revoke.receivedAt + boundMs + clientMs ? 'delivered' : 'within'
}
