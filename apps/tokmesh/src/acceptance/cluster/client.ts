/** A client that spreads its requests over the nodes, as one behind a load balancer does, and keeps count of all that it did. */
import { pause } from '../support.ts'
import type { Answered, Ask } from './ask.ts'

/** A client of all nodes. */
export interface SpreadingClient {
  /** Asks the nodes in turn, and once more at the next one after a 503 or where there was no answer. */
  readonly ask: Ask
  /** First answers that were tried again. */
  readonly retried: readonly Answered[]
  /** Every answer, by the node that gave it. */
  readonly answers: readonly Answered[]
}

/** Returns a client of these nodes. */
export function spreadOver(nodes: readonly { readonly ask: Ask }[]): SpreadingClient {
  const retried: Answered[] = []
  const answers: Answered[] = []
  let turn = 0
  const askAt = async (index: number, request: Parameters<Ask>) => {
    const node = nodes[index % nodes.length]
    if (!node) throw new Error('there is no node')
    const answer = await node.ask(...request)
    answers.push(answer)
    return answer
  }
  const ask: Ask = async (...request) => {
    const index = turn++
    const answer = await askAt(index, request)
    if (answer.status !== 503 && answer.status !== 0) return answer
    retried.push(answer)
    return askAt(index + 1, request)
  }
  return { ask, retried, answers }
}

/** A session that was acknowledged. */
export interface Kept {
  readonly id: string
  readonly token: string
  /** What is known of its revoke: `unknown` when it was asked for and nobody said how it went. */
  revoke: 'none' | 'unknown' | 'acknowledged'
}

/** Users at work. */
export interface MixedLoad {
  /** Answers of the client that were not what they had to be. */
  readonly failed: readonly Answered[]
  readonly kept: readonly Kept[]
  stop(): Promise<void>
}

/** Users that create a session, validate it twice, and revoke every other one, so many times a second all together. */
export function useOverAndOver(
  { ask }: Pick<SpreadingClient, 'ask'>,
  key: string,
  rate: number,
  users = 12,
): MixedLoad {
  const failed: Answered[] = []
  const kept: Kept[] = []
  let stopped = false
  const expectOk = (answer: Answered): boolean => {
    const isOk = answer.status === 200 || answer.status === 201
    if (!isOk) failed.push(answer)
    return isOk
  }
  const turn = async (number: number) => {
    const created = await ask('POST', '/sessions', { key, body: { user_id: `${Math.random()}`, ttl_seconds: 86_400 } })
    if (!expectOk(created)) return
    const session: Kept = { id: created.data.session_id, token: created.data.token, revoke: 'none' }
    kept.push(session)
    for (let times = 0; times < 2; times++)
      expectOk(await ask('POST', '/tokens/validate', { key, body: { token: session.token } }))
    if (number % 2 === 0) return
    session.revoke = 'unknown'
    if (expectOk(await ask('POST', `/sessions/${session.id}/revoke`, { key }))) session.revoke = 'acknowledged'
  }
  const user = async () => {
    for (let number = 0; !stopped; number++) {
      const dueAt = performance.now() + (1000 * users * 3.5) / rate
      await turn(number)
      await pause(Math.max(0, dueAt - performance.now()))
    }
  }
  const running = Array.from({ length: users }, user)
  return {
    ...{ failed, kept },
    async stop() {
      stopped = true
      await Promise.all(running)
    },
  }
}
