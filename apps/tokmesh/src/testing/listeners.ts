/** Subscriptions for tests, and what they hear. */
import { until } from '@honoscope/testing'
import type { Doubt } from '../cluster/memory-age.ts'
import { createSubscription, type SubscriptionOptions } from '../cluster/subscriber.ts'
import type { ClusterMessage, Subscription } from '../cluster/subscription.ts'

/** A subscription and all that it told since {@link Listener.clear}. */
export interface Listener {
  readonly subscription: Subscription
  /** Ids as they were told together. */
  readonly sessions: (readonly string[])[]
  readonly keys: (readonly string[])[]
  readonly revokeLags: number[]
  readonly messages: ClusterMessage[]
  readonly doubts: Doubt[]
  /** How often everything had to be forgotten. */
  forgotten(): number
  clear(): void
}

/** Hears a subscription from its beginning. `onTold` and `onForget` are called in the order of what happens. */
export interface ListenOptions extends Omit<SubscriptionOptions, 'onFault'> {
  readonly onTold?: (ids: readonly string[]) => void
  readonly onForget?: () => void
}

/** Opens a subscription; resolves when it vouches for what is remembered. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const listener = open(options)
  await until(() => isTrusted(listener))
  listener.clear()
  return listener
}

/** Whether what is remembered may be answered with. */
export const isTrusted = ({ subscription: { freshness } }: Listener): boolean =>
  freshness.asOf() > Number.NEGATIVE_INFINITY

function open({ onTold, onForget, ...options }: ListenOptions): Listener {
  const doubts: Doubt[] = []
  const [sessions, keys, revokeLags, messages]: [string[][], string[][], number[], ClusterMessage[]] = [[], [], [], []]
  let forgotten = 0
  const subscription = createSubscription({ ...options, onFault: (doubt) => doubts.push(doubt) })
  subscription.start({
    onSessions(ids) {
      sessions.push([...ids])
      onTold?.(ids)
    },
    onRevoked: (lag) => revokeLags.push(lag),
    onKeys: (ids) => keys.push([...ids]),
    onDoubt() {
      forgotten += 1
      onForget?.()
    },
    onMessage: (message) => messages.push(message),
  })
  return {
    ...{ subscription, sessions, keys, revokeLags, messages, doubts },
    forgotten: () => forgotten,
    clear() {
      for (const each of [sessions, keys, revokeLags, messages, doubts]) each.length = 0
      forgotten = 0
    },
  }
}
