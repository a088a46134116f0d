/** Clients that go on asking, at a bounded rate, and write down every answer. */
import { pause } from '../support.ts'
import type { Answered, Ask } from './ask.ts'

/** An answer about the validity of a token. */
export interface Judged extends Answered {
  readonly token: string
}

/** A load that runs. */
export interface Load {
  /** All answers so far, in the order in which they came. */
  readonly answers: readonly Judged[]
  /** Ends it, and waits for what is under way. */
  stop(): Promise<void>
}

export interface LoadOptions {
  /** The nodes. */
  readonly nodes: readonly { readonly ask: Ask }[]
  readonly key: string
  readonly tokens: readonly string[]
  /** Requests per second to each node. */
  readonly rate: number
  /** Requests under way at each node, at most. Default: 4. */
  readonly lanes?: number
}

/** Validates the tokens over and over, at each node all of them, in an order of its own. */
export function validateOverAndOver({ nodes, key, tokens, rate, lanes = 4 }: LoadOptions): Load {
  const answers: Judged[] = []
  const everyMs = (1000 * lanes) / rate
  let stopped = false
  const lane = async (ask: Ask, first: number) => {
    let dueAt = performance.now() + Math.random() * everyMs
    for (let turn = first; !stopped; turn += lanes) {
      await pause(Math.max(0, dueAt - performance.now()))
      // What could not be sent in time is left out: a rate, not a debt.
      dueAt = Math.max(performance.now(), dueAt + everyMs)
      const token = tokens[turn % tokens.length] ?? ''
      answers.push({ token, ...(await ask('POST', '/tokens/validate', { key, body: { token } })) })
    }
  }
  const running = nodes.flatMap(({ ask }, index) =>
    Array.from({ length: lanes }, (_, number) => lane(ask, number + index * Math.floor(tokens.length / nodes.length))),
  )
  return {
    answers,
    async stop() {
      stopped = true
      await Promise.all(running)
    },
  }
}

/** A session that was made. */
export interface Made {
  readonly id: string
  readonly token: string
}

/** Makes so many sessions, each for a user of its own, and validates each at every node, so that all know them. */
export async function knownSessions(nodes: LoadOptions['nodes'], key: string, count: number): Promise<Made[]> {
  const made: Made[] = []
  await each(
    Array.from({ length: count }, (_, number) => number),
    16,
    async (number) => {
      const body = { user_id: `${Math.random()}`, ttl_seconds: 86_400 }
      const { status, code, data } =
        (await (nodes[number % nodes.length] ?? nodes[0])?.ask('POST', '/sessions', { key, body })) ?? {}
      if (status !== 201) throw new Error(`a session could not be made: ${status} ${code}`)
      made.push({ id: data.session_id, token: data.token })
    },
  )
  for (const { ask } of nodes) {
    await each(made, 16, async ({ token }) => {
      const { status, code } = await ask('POST', '/tokens/validate', { key, body: { token } })
      if (status !== 200) throw new Error(`a new session is not valid: ${status} ${code}`)
    })
  }
  return made
}

/** Does `work` with each item, so many at a time. */
export async function each<T>(items: readonly T[], atATime: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items[Symbol.iterator]()
  const worker = async () => {
    // All workers take from the same iterator.
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: atATime }, worker))
}

/** The value below which this share of the values lies; 0 where there is none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
