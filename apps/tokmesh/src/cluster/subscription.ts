/** What a node hears of the others: changes of sessions and keys, and the messages of the cluster. */
import type { Freshness } from './freshness.ts'

/** Who listens. A listener must not throw. */
export interface SubscriptionListeners {
  /** These sessions were changed, by this node (`isOwn`) or another. */
  readonly onSessions: (ids: readonly string[], isOwn: boolean) => void
  /** A revoke by another node took effect here, so long after its commit, by the database's clock. */
  readonly onRevoked: (lagSeconds: number) => void
  /** These API keys were changed. */
  readonly onKeys: (ids: readonly string[]) => void
  /** Something may have been missed: what is remembered has to be forgotten. */
  readonly onDoubt: () => void
  /** A message of {@link Subscription.publish}, from this node or another. */
  readonly onMessage: (message: ClusterMessage) => void
}

/** A message between nodes. */
export interface ClusterMessage {
  /** E.g. `heartbeat`, `members`, `confirm`, `confirmed`. */
  readonly kind: string
  /** The {@link Subscription.sender} of who sent it. */
  readonly sender: string
  /** From its sending to its receipt, by the database's clock. */
  readonly lagSeconds: number
  /** What else it says, without blanks. */
  readonly words: readonly string[]
}

/** A connection of its own to the primary, on which the node listens. */
export interface Subscription {
  readonly freshness: Freshness
  /** What this process is called in messages: 16 hexadecimal digits, made at each start. */
  readonly sender: string
  /** Begins to listen, and tries for ever; the schema has to be there. Once: again, or after the end, is nothing. */
  start(listeners: SubscriptionListeners): void
  /** Whether the connection is there and listens. */
  isLive(): boolean
  /** Number of the last change that was applied here, in their order. */
  applied(): number
  /** Resolves with true once the change with this number was applied here, with false after `limitMs`. */
  reached(seq: number, limitMs: number): Promise<boolean>
  /**
   * Runs one statement on this connection, which no request keeps busy. Rejects with `TM-SYS-5030` while it is not
   * live, and after `limitMs` (default 1,500), when the connection is given up.
   */
  query<Row extends object>(
    statement: string,
    parameters?: readonly unknown[],
    limitMs?: number,
  ): Promise<readonly Row[]>
  /** Sends a message to all nodes, this one included. Words must not have blanks. */
  publish(kind: string, ...words: readonly string[]): Promise<void>
  /** Unix ms by the database's clock, an integer; by this machine's own until the first confirmation. */
  databaseNow(): number
  /** Ends the connection. Twice is once. */
  close(): Promise<void>
}
