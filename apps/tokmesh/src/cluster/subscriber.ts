import { randomBytes } from 'node:crypto'
import { runInScope } from '@honoscope/core'
import { TokMeshError } from '../domain/errors.ts'
import { changesChannel, listenOn, readLastChange, tellCluster } from '../store/changes.ts'
import { createLines, type Line } from '../store/line.ts'
import { type Clock, systemClock } from './clock.ts'
import { createDatabaseClock } from './database-clock.ts'
import { createLink } from './link.ts'
import { createMemoryAge, type Doubt } from './memory-age.ts'
import { type Change, checkMessage, parseMessage } from './messages.ts'
import { createRounds } from './rounds.ts'
import type { Subscription, SubscriptionListeners } from './subscription.ts'

/** Options of {@link createSubscription}. */
export interface SubscriptionOptions {
  /** `postgres://…`, with one or several hosts. */
  readonly url: string
  /** Default: made at random. */
  readonly sender?: string | undefined
  /** Hears of each doubt, after the listeners did. */
  readonly onFault?: ((doubt: Doubt) => void) | undefined
  /** Default: 400. */
  readonly confirmEveryMs?: number | undefined
  /** Default: the machine's. */
  readonly clock?: Clock | undefined
  /** From 0 to 1. Default: `Math.random`. */
  readonly random?: (() => number) | undefined
}

// After a doubt the number is read again at once, but not more often than this, whatever is told by hand.
const hurryMs = 50

/**
 * Returns a subscription that has not begun. Throws when `url` is no address of PostgreSQL, with a message that does
 * not repeat it.
 */
export function createSubscription(options: SubscriptionOptions): Subscription {
  const { url, sender = randomBytes(8).toString('hex'), onFault, clock = systemClock } = options
  const { confirmEveryMs = 400, random = Math.random } = options
  const databaseClock = createDatabaseClock(clock)
  const lagSeconds = (at: number) => Math.max(0, databaseClock.now() - at) / 1000
  let listeners: SubscriptionListeners = nobody
  let closing: Promise<void> | undefined

  const memory = createMemoryAge({
    clock,
    onChange(change) {
      const isOwn = change.sender === sender
      tellChange(change, isOwn, listeners)
      if (change.kind === 'revoked' && !isOwn) listeners.onRevoked(lagSeconds(change.at))
    },
    onForget: () => listeners.onDoubt(),
    onDoubt(reason) {
      // It may be a request that found out.
      runInScope(undefined, () => onFault?.(reason))
      rounds.hurry()
    },
  })
  const onMessage = (payload: string) => {
    const message = parseMessage(payload)
    if (message === undefined || link.line() === undefined) return
    const { at, ...rest } = message
    listeners.onMessage({ ...rest, lagSeconds: lagSeconds(at) })
  }
  const confirm = async (line: Line) => {
    const asked = memory.ask()
    const { seq, databaseMs } = await readLastChange(line)
    if (!link.isCurrent(line)) return
    databaseClock.take(databaseMs, asked.at, clock.monotonic())
    memory.answer(asked, seq)
  }
  const link = createLink({
    open: createLines(url, sender),
    async prepare(line) {
      databaseClock.forget()
      await listenOn(line)
      await confirm(line)
    },
    onLost: () => memory.doubt('connection'),
    onNotify: (channel, payload) => (channel === changesChannel ? memory.take(payload) : onMessage(payload)),
    random,
  })
  const rounds = createRounds(
    async () => {
      const line = link.line()
      // Who was frozen looks at the age first.
      memory.asOf()
      if (line !== undefined) await confirm(line).catch(() => link.lose(line))
    },
    () => (memory.isKnown() || link.line() === undefined ? confirmEveryMs : hurryMs),
    clock,
  )
  /** The line, used outside of the request that asks: its queries are no part of a trace. */
  const withLine = async <T>(use: (line: Line) => Promise<T>): Promise<T> => {
    const line = link.line()
    if (line === undefined) throw new TokMeshError('TM-SYS-5030', 'The database cannot be reached.')
    return runInScope(undefined, () => use(line))
  }
  const close = async () => {
    rounds.stop()
    memory.end()
    await link.close()
  }

  return {
    ...{ sender, freshness: { asOf: memory.asOf, now: clock.monotonic } },
    ...{ applied: memory.applied, reached: memory.reached, databaseNow: databaseClock.now },
    isLive: () => link.line() !== undefined,
    start(given) {
      if (closing !== undefined || listeners !== nobody) return
      listeners = given
      runInScope(undefined, () => {
        link.open()
        rounds.start()
      })
    },
    query: (statement, parameters, limitMs) => withLine((line) => line.query(statement, parameters, limitMs)),
    async publish(kind, ...words) {
      checkMessage(kind, sender, words)
      await withLine((line) => tellCluster(line, kind, sender, words))
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}

const nobody: SubscriptionListeners = {
  onSessions: () => {},
  onRevoked: () => {},
  onKeys: () => {},
  onDoubt: () => {},
  onMessage: () => {},
}

function tellChange({ kind, ids }: Change, isOwn: boolean, listeners: SubscriptionListeners): void {
  const { onDoubt, onKeys, onSessions } = listeners
  if (kind === 'anything') onDoubt()
  else if (kind === 'keys') onKeys(ids)
  else onSessions(ids, isOwn)
}
