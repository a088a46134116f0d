/** A run of revokes while all nodes validate, and what its answers must not be. */
import { expect } from 'vitest'
import { pause } from '../support.ts'
import type { Answered } from './ask.ts'
import { each, type Made, validateOverAndOver } from './load.ts'
import type { ClusterNode, TestCluster } from './nodes.ts'
import { createOracle, type Oracle, type Verdict } from './oracle.ts'

/** A run under load. */
export interface Run {
  readonly oracle: Oracle
  /** Revokes one session at this node; the oracle is told. */
  revoke(session: Made, at: ClusterNode): Promise<Answered>
  /** Revokes these, evenly over so much time, each at one of these nodes in turn. */
  revokeOver(sessions: readonly Made[], durationMs: number, at: readonly ClusterNode[]): Promise<void>
}

export interface RunOptions {
  readonly cluster: TestCluster
  readonly sessions: readonly Made[]
  /** Validations per second at each node. Default: 80. */
  readonly rate?: number
  /** What happens while they are validated. */
  readonly during: (run: Run) => Promise<void>
}

/** What every run has to be measured by. */
export interface Outcome extends Verdict {
  /** All answers that are in none of the lists. */
  readonly text: string
}

/**
 * Validates the sessions at all nodes while `during` goes on, and for a second beyond; resolves to what the oracle says.
 * No run may have a late acceptance or a wrong answer.
 */
export async function underLoad({ cluster, sessions, rate = 80, during }: RunOptions): Promise<Outcome> {
  const { nodes, issuer: key } = cluster
  const oracle = createOracle()
  const revoke = async ({ id, token }: Made, at: ClusterNode) => {
    const answer = await at.ask('POST', `/sessions/${id}/revoke`, { key })
    oracle.revoked(token, answer)
    return answer
  }
  const revokeOver = async (some: readonly Made[], durationMs: number, at: readonly ClusterNode[]) => {
    const startedAt = performance.now()
    const all = some.map((session, number) => ({ session, number }))
    await each(all, 8, async ({ session, number }) => {
      await pause(Math.max(0, startedAt + (number * durationMs) / some.length - performance.now()))
      const node = at[number % at.length]
      const answer = node && (await revoke(session, node))
      expect({ status: answer?.status, code: answer?.code }).toEqual({ status: 200, code: 'OK' })
    })
  }
  const load = validateOverAndOver({ nodes, key, tokens: sessions.map(({ token }) => token), rate })
  try {
    // The load has to be under way before anything happens.
    await pause(1000)
    await during({ oracle, revoke, revokeOver })
    await pause(1000)
  } finally {
    await load.stop()
  }
  const verdict = oracle.judge(load.answers)
  const { acceptedBefore, acceptedWithin, refused, delivered, unavailable, unanswered } = verdict
  expect(verdict.late).toEqual([])
  expect(verdict.wrong).toEqual([])
  const text = `${acceptedBefore} accepted before the revoke, ${acceptedWithin} within the bound, 0 after it, ${refused} refused, ${unavailable.length} TM-SYS-5030, ${unanswered.length} without an answer, ${delivered.length} made in time and delivered late`
  return { ...verdict, text }
}
