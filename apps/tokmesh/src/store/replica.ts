import { readServers } from '../database-servers.ts'
import type { Db } from './connection.ts'
import { createPace } from './pace.ts'
import { type Lane, openLane, type Position } from './replica-lane.ts'

/** A standby. */
export interface Replica {
  /** host:port, for the log. */
  readonly name: string
  /** Whether it is worth asking: it is not known to be down, slow or behind, and has a connection free. */
  isOpen(): boolean
  /**
   * Reads from it what was true at `position` or later. `undefined` when it is not open any more, and when it has not
   * come so far, failed, or took longer than {@link limitMs}: it is then left out for a while. Never rejects.
   */
  read<T>(position: Position, query: (db: Db) => Promise<T>): Promise<{ readonly value: T } | undefined>
  close(): Promise<void>
}

/** Options of {@link openReplica}. */
export interface ReplicaOptions {
  /** Decorates the Drizzle database, for its instrumentation. */
  readonly decorate?: ((db: Db) => Db) | undefined
  /** It has begun or ceased to fail; that it is behind is no failure. */
  readonly onTurn?: ((replica: Pick<Replica, 'name'>, isFailing: boolean) => void) | undefined
}

/** Half of the time in which a request is answered, so that the primary can still do it. */
const limitMs = 900

/** For how long it is left out, after a failure and when it was behind. */
const [failedMs, behindMs] = [5_000, 1_000]

/** Queries at a time; what comes beside them goes to the primary. */
const laneCount = 8

/** Prepares the use of the standby at `address`; it connects when it is first asked. */
export function openReplica(address: string, options: ReplicaOptions = {}): Replica {
  const { decorate = (db: Db) => db, onTurn = () => {} } = options
  const [url = address] = readServers(address).urls
  const name = new URL(url).host
  const pace = createPace(laneCount, 200)
  const free: Lane[] = []
  const all = new Set<Lane>()
  let outUntil = Number.NEGATIVE_INFINITY
  let isFailing = false

  const take = (): Lane => {
    const lane = free.pop() ?? openLane({ url, limitMs, pace, decorate })
    all.add(lane)
    return lane
  }
  const turn = (failing: boolean) => {
    if (failing) outUntil = performance.now() + failedMs
    if (failing === isFailing) return
    isFailing = failing
    onTurn({ name }, failing)
  }

  // One that has failed is tried by one query at a time.
  const isOpen = () => performance.now() >= outUntil && all.size - free.length < (isFailing ? 1 : laneCount)

  return {
    name,
    isOpen,
    async read(position, query) {
      // While the primary was asked for the position, others may have taken the last connection.
      if (!isOpen()) return undefined
      const lane = take()
      try {
        const outcome = await within(
          limitMs,
          readOver(lane, position, () => query(lane.db)),
        )
        free.push(lane)
        if (!outcome) outUntil = performance.now() + behindMs
        turn(false)
        return outcome
      } catch {
        all.delete(lane)
        lane.drop()
        turn(true)
        return undefined
      }
    },
    async close() {
      await Promise.all([...all].map((lane) => lane.end().catch(() => {})))
    },
  }
}

async function readOver<T>(lane: Lane, position: Position, query: () => Promise<T>) {
  const hasReached = await lane.hasReached(position)
  const dialled = lane.dialled()
  if (!hasReached) return undefined
  const value = await query()
  if (lane.dialled() !== dialled) throw new Error('another connection has answered')
  return { value }
}

/** Settles as `work` does, and rejects when that takes longer. */
function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer in time')), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
