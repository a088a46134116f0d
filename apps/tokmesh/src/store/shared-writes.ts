/**
 * Writes of one kind that share their statements. Changes that are told of commit one after the other, in the whole
 * cluster: what counts is how many commits there are, not how much is in each. So the first call goes at once; those
 * that come while it is under way gather, and go together when it ends. Nobody waits for others to come.
 */
import { currentScope, runInScope } from '@honoscope/core'

/** What tells calls and rows of one session. */
interface OfSession {
  readonly id: string
}

/** Options of {@link shareWrites}. */
export interface SharedWritesOptions<Call extends OfSession, Row extends OfSession> {
  /** Writes to one session, and waits for other transactions that hold it. Returns what it changed. */
  readonly one: (call: Call) => Promise<Row | undefined>
  /** Writes to many, each once, and passes over those that other transactions hold. Returns what it changed. */
  readonly many: (calls: readonly Call[]) => Promise<readonly Row[]>
  /** Whether another transaction was in the way. */
  readonly isConflict: (error: unknown) => boolean
  /** What a call rejects with that took too long. */
  readonly tooLate: () => Error
  /** How long a call that has to wait for others may take in all. Default: 1,900 ms, as one that has not. */
  readonly limitMs?: number | undefined
  /**
   * How long calls wait for the statement before them. It may hang at a session that others hold, or at a connection
   * that is dead, neither of which is theirs. Default: 100 ms.
   */
  readonly patienceMs?: number | undefined
  /** Calls of one statement. Default: 200, as many ids as a notification takes. */
  readonly maxCalls?: number | undefined
}

interface Caller<Call, Row> {
  readonly call: Call
  readonly scope: ReturnType<typeof currentScope>
  readonly resolve: (row: Row | undefined) => void
  readonly reject: (error: unknown) => void
  isOver: boolean
}

/**
 * Returns a function that makes one write, and settles as that would alone: with what it changed, or `undefined`. Calls
 * for one session are made one after the other, in their order. One that goes alone is a part of its caller's request; a
 * statement of several is a part of none. When it fails, all of its calls do.
 */
export function shareWrites<Call extends OfSession, Row extends OfSession>(
  options: SharedWritesOptions<Call, Row>,
): (call: Call) => Promise<Row | undefined> {
  const { one, many, isConflict, tooLate, limitMs = 1_900, patienceMs = 100, maxCalls = 200 } = options
  const waiting = new Set<Caller<Call, Row>>()
  /** Sessions that are being written to. */
  const busy = new Set<string>()
  /** The statement that those who wait wait for. */
  let ahead: object | undefined

  const alone = async (caller: Caller<Call, Row>) => {
    const { id } = caller.call
    try {
      caller.resolve(await runInScope(caller.scope, () => one(caller.call)))
    } catch (error) {
      caller.reject(error)
      // They stood in line for the same session: each would find it held, for as long again.
      if (isConflict(error)) for (const { call, reject } of waiting) if (call.id === id) reject(error)
    }
    busy.delete(id)
    startNext()
  }

  const together = async (callers: readonly Caller<Call, Row>[]) => {
    try {
      const rows = await runInScope(undefined, () => many(callers.map(({ call }) => call)))
      const changed = new Map(rows.map((row) => [row.id, row]))
      for (const caller of callers) {
        const row = changed.get(caller.call.id)
        // Held by others, or nothing to change: it finds out by itself, in nobody's way.
        if (!row && !caller.isOver) void alone(caller)
        else {
          busy.delete(caller.call.id)
          caller.resolve(row)
        }
      }
    } catch (error) {
      for (const { call, reject } of callers) {
        busy.delete(call.id)
        reject(error)
      }
    }
  }

  /** The next of those whose session is not being written to, each session once. */
  const take = () => {
    const taken: Caller<Call, Row>[] = []
    for (const caller of waiting) {
      if (taken.length === maxCalls) break
      if (busy.has(caller.call.id)) continue
      busy.add(caller.call.id)
      waiting.delete(caller)
      taken.push(caller)
    }
    return taken
  }

  const startNext = () => {
    if (ahead) return
    const callers = take()
    const [first] = callers
    if (!first) return
    const self = {}
    const goOn = () => {
      if (ahead === self) ahead = undefined
      startNext()
    }
    ahead = self
    const timer = setTimeout(goOn, patienceMs)
    timer.unref()
    const written = callers.length === 1 ? alone(first) : together(callers)
    void written.finally(() => {
      clearTimeout(timer)
      goOn()
    })
  }

  return (call) =>
    new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      const end = () => {
        clearTimeout(timer)
        waiting.delete(caller)
        caller.isOver = true
      }
      const caller: Caller<Call, Row> = {
        ...{ call, scope: currentScope(), isOver: false },
        resolve(row) {
          end()
          resolve(row)
        },
        reject(error) {
          end()
          reject(error)
        },
      }
      waiting.add(caller)
      startNext()
      // One that was started at once has the limit of its statement.
      if (waiting.has(caller)) timer = setTimeout(() => caller.reject(tooLate()), limitMs).unref()
    })
}
