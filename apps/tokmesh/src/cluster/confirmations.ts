/** How a node learns that a majority knows of a change: `sync` of the contract's section 4.6. */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { runInScope } from '@honoscope/core'
import { TokMeshError } from '../domain/errors.ts'
import type { ClusterState, Confirmation } from './cluster.ts'
import type { ClusterMessage, Subscription } from './subscription.ts'

/** Options of {@link createConfirmations}. */
export interface ConfirmationsOptions {
  readonly subscription: Pick<Subscription, 'sender' | 'publish' | 'reached' | 'isLive'>
  readonly state: () => ClusterState
  /** {@link Subscription.sender} of each active member. */
  readonly activeInstances: () => readonly string[]
  /** Number of the last change that is committed. */
  readonly lastChange: () => Promise<number>
  /** `cluster.revoke_sync_timeout`. */
  readonly timeoutMs: number
}

/** See {@link createConfirmations}. */
export interface Confirmations {
  /** As `confirm` of a cluster. */
  confirm(): Promise<Confirmation>
  onMessage(message: ClusterMessage): void
  /** The members may have changed. */
  onChange(): void
}

interface Tally extends Confirmation {
  readonly isQuorumLost: boolean
  /** There is no node to ask but this one. */
  readonly isAlone: boolean
}

/** One question to all nodes, for everybody who waits by then. */
interface Round {
  readonly nonce: string
  /** Senders that have confirmed; who of them counts is asked when they are counted. */
  readonly confirmedBy: Set<string>
  readonly outcome: Promise<Confirmation>
  /** Looks whether it is decided. */
  readonly check: () => void
}

/** A question is asked again after this, as a message to a node that reconnects is lost. */
const askAgainMs = 500

/** The next question need not wait longer for the last one, which a slow node holds up. */
const nextRoundMs = 100

/** Questions of others that wait for an answer, and nodes that are listened to: more would be none of ours. */
const mostPending = 1_000

/**
 * Returns the asking and the answering. To ask is `confirm <number> <nonce>`; who has applied all changes up to that
 * number answers `confirmed <nonce>`. Whoever comes while the number is not read yet shares the question.
 */
export function createConfirmations(options: ConfirmationsOptions): Confirmations {
  const { subscription, state, activeInstances, lastChange, timeoutMs } = options
  const open = new Map<string, Round>()
  const answering = new Set<string>()
  let gathering: Round | undefined
  let free: Promise<unknown> = Promise.resolve()

  /** How it stands with these confirmations; a node that leaves as the last one has but itself to ask. */
  const tally = (confirmedBy: ReadonlySet<string>): Tally => {
    const { quorum: required, isQuorumLost } = state()
    const active = activeInstances()
    const voters = active.length > 0 ? active : [subscription.sender]
    const confirmed = voters.filter((sender) => confirmedBy.has(sender)).length
    return { confirmed, required, isQuorumLost, isAlone: voters.length === 1 && confirmed === 1 && required === 1 }
  }

  const newRound = (): Round => {
    const confirmedBy = new Set<string>()
    const { promise, resolve, reject } = deferred<Confirmation>()
    const check = () => {
      const { confirmed, required, isQuorumLost } = tally(confirmedBy)
      if (isQuorumLost) reject(unconfirmed('Quorum is lost.', { confirmed, required }))
      else if (confirmed >= required && confirmedBy.has(subscription.sender)) resolve({ confirmed, required })
    }
    promise.catch(() => {})
    return { nonce: randomBytes(8).toString('hex'), confirmedBy, outcome: promise, check }
  }

  const hear = (nonce: string, sender: string) => {
    const round = open.get(nonce)
    if (!round || round.confirmedBy.size >= mostPending) return
    round.confirmedBy.add(sender)
    round.check()
  }

  /** Asks, and asks again, until the round is over. */
  const ask = async ({ nonce }: Round) => {
    for (let seq: number | undefined; open.has(nonce); await pause(askAgainMs, undefined, { ref: false })) {
      try {
        if (seq === undefined) {
          seq = await lastChange()
          void subscription.reached(seq, timeoutMs).then(
            (has) => has && hear(nonce, subscription.sender),
            () => {},
          )
        }
        await subscription.publish('confirm', String(seq), nonce)
      } catch {
        // Asked again.
      }
    }
  }

  const begin = (round: Round) => {
    gathering = undefined
    open.set(round.nonce, round)
    const over = Promise.race([round.outcome, pause(timeoutMs, undefined, { ref: false })])
    void over.catch(() => {}).then(() => open.delete(round.nonce))
    free = Promise.race([over.catch(() => {}), pause(nextRoundMs, undefined, { ref: false })])
    void ask(round)
  }

  const join = (): Round => {
    if (gathering) return gathering
    const round = newRound()
    gathering = round
    // It is a question of many, and part of nobody's request.
    void runInScope(undefined, () => free.then(() => begin(round)))
    return round
  }

  const answer = async (nonce: string, seq: number) => {
    if (answering.has(nonce) || answering.size >= mostPending) return
    answering.add(nonce)
    try {
      if (await subscription.reached(seq, timeoutMs)) await subscription.publish('confirmed', nonce)
    } catch {
      // Whoever asked asks again.
    } finally {
      answering.delete(nonce)
    }
  }

  return {
    async confirm() {
      const { confirmed, required, isQuorumLost, isAlone } = tally(new Set([subscription.sender]))
      if (isQuorumLost) throw unconfirmed('Quorum is lost.', { confirmed, required })
      // Alone: what it wrote it knows.
      if (isAlone && subscription.isLive()) return { confirmed, required }
      const round = join()
      const late = () => unconfirmed('Too few nodes have confirmed in time.', tally(round.confirmedBy))
      return withLimit(round.outcome, timeoutMs, late)
    },
    onMessage({ kind, sender, words: [first = '', second = ''] }) {
      if (kind === 'confirmed') hear(first, sender)
      if (kind !== 'confirm' || sender === subscription.sender) return
      if (/^\d{1,15}$/.test(first) && /^[0-9a-f]{16}$/.test(second)) void answer(second, Number(first))
    },
    onChange() {
      for (const round of open.values()) round.check()
    },
  }
}

const unconfirmed = (message: string, { confirmed, required }: Confirmation) =>
  new TokMeshError('TM-SYS-5030', message, { details: { confirmed, required } })

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<T>((resolved, rejected) => {
    resolve = resolved
    reject = rejected
  })
  return { promise, resolve, reject }
}

/** Settles as `outcome` does, or rejects with `late()` after so many milliseconds. */
function withLimit<T>(outcome: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms)
    outcome.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
