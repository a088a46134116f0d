import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { Db } from './connection.ts'
import { driverSettings, serverSettings } from './server-settings.ts'
import { connectTo, serverAddress } from './server-socket.ts'

/** A place in the primary's log of changes. */
export interface Position {
  /** E.g. `0/16B3748`. */
  readonly lsn: string
  /** Number of the history that the log belongs to: each promotion begins a new one. */
  readonly timeline: number
}

/** One connection to a standby, for one query at a time. */
export interface Lane {
  readonly db: Db
  /**
   * Whether the server at the other end shows all changes up to there; waits for that up to {@link graceMs}.
   * What is read over this connection then shows them too, unless {@link Lane.dialled} has changed meanwhile.
   */
  hasReached(position: Position): Promise<boolean>
  /** How often a connection was made: behind an address may be several servers. */
  dialled(): number
  /** Ends the connection at once, and with it whatever is under way. */
  drop(): void
  /** Ends it in order, within a second. */
  end(): Promise<void>
}

/** What a standby that trails by moments is given to catch up. */
const [graceMs, lookEveryMs] = [20, 4]

/** Options of {@link openLane}. */
export interface LaneOptions {
  readonly url: string
  /** When the server gives a statement up. */
  readonly limitMs: number
  /** Resolves when a connection may be begun. */
  readonly pace: () => Promise<void>
  readonly decorate: (db: Db) => Db
}

/** Prepares a lane; it connects with the first use. */
export function openLane({ url, limitMs, pace, decorate }: LaneOptions): Lane {
  const address = serverAddress(url) ?? { host: 'localhost', port: 5432, path: undefined }
  let dialled = 0
  let isOver = false
  let socket: Socket | undefined
  const dial = async () => {
    await pace()
    dialled += 1
    socket = connectTo(address)
    // The driver would connect once more for a query that it could not send.
    if (isOver) socket.destroy()
    return socket
  }
  const client = postgres(url, {
    ...driverSettings,
    ...{ max: 1, socket: dial },
    connection: { ...serverSettings(), statement_timeout: limitMs, default_transaction_read_only: true },
  })

  return {
    db: decorate(drizzle(client)),
    dialled: () => dialled,
    async hasReached({ lsn, timeline }) {
      let startedAt: number | undefined
      for (;;) {
        const [at] = await client<Reached[]>`
          select pg_is_in_recovery() as standby, pg_last_wal_replay_lsn() >= ${lsn}::pg_lsn as reached, coalesce(
            (select received_tli from pg_stat_wal_receiver),
            (select min_recovery_end_timeline from pg_control_recovery())
          ) as timeline`
        // A copy of another history may be further, and still not have what was written since the two parted.
        if (!at?.standby || at.timeline !== timeline) return false
        if (at.reached) return true
        startedAt ??= performance.now()
        if (performance.now() - startedAt >= graceMs) return false
        await pause(lookEveryMs)
      }
    },
    drop() {
      isOver = true
      client.end({ timeout: 0 }).catch(() => {})
      socket?.destroy()
    },
    end: () => client.end({ timeout: 1 }),
  }
}

interface Reached {
  readonly standby: boolean
  readonly reached: boolean | null
  readonly timeline: number | null
}
