import type { SessionRecord } from '../domain/session.ts'
import type { SessionKey } from '../domain/session-store.ts'

/** A read that several callers wait for. */
export interface Flight {
  /** One more than that of the one begun before. */
  readonly number: number
  readonly begun: Moment
  readonly result: Promise<SessionRecord | undefined>
}

/** What is noted of the moment before a read or a write. */
export interface Moment {
  /** Of the fence. */
  readonly mark: number
  /** Monotonic milliseconds: what the read finds was true then. */
  readonly at: number
  /** Whether this node was told of changes, so that it hears of those after this moment. */
  readonly isListening: boolean
}

/** Reads under way. */
export interface Flights {
  /** How many were begun so far. */
  count(): number
  /** The read of this session that is under way, or else a new one. */
  join(key: SessionKey): Flight
}

/** Returns reads that are made once for all who want the same at the same time; a failure is everybody's. */
export function createFlights(
  find: (key: SessionKey) => Promise<SessionRecord | undefined>,
  moment: () => Moment,
): Flights {
  const underWay = new Map<string, Flight>()
  let count = 0

  const begin = (name: string, key: SessionKey): Flight => {
    const begun = moment()
    const result = find(key).finally(() => underWay.delete(name))
    // Whoever joined hears of it.
    result.catch(() => {})
    const flight = { number: ++count, begun, result }
    underWay.set(name, flight)
    return flight
  }

  return {
    count: () => count,
    join(key) {
      // Ids and hashes begin differently.
      const name = 'id' in key ? key.id : key.tokenHash
      return underWay.get(name) ?? begin(name, key)
    },
  }
}
