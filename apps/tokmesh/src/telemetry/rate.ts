import type { Instrument } from '@honoscope/core'

/** Requests that were answered, lately. */
export interface RequestRate extends Instrument {
  /** Requests per second: those of the last 10 s, divided by 10 or by the uptime when that is shorter. */
  perSecond(): number
}

const windowMs = 10_000
const slotMs = 100
const slots = windowMs / slotMs

/** Returns an instrument that counts answered requests. `uptimeMs` is the age of the process. */
export function requestRate(uptimeMs: () => number = () => process.uptime() * 1000): RequestRate {
  // A ring of tenths of a second, each with the tick that it counts for.
  const counts = new Float64Array(slots)
  const ticks = new Float64Array(slots).fill(-1)
  return {
    name: 'request_rate',
    end() {
      const tick = Math.floor(uptimeMs() / slotMs)
      const slot = tick % slots
      if (ticks[slot] !== tick) counts[slot] = 0
      ticks[slot] = tick
      counts[slot] = (counts[slot] ?? 0) + 1
    },
    perSecond() {
      const now = uptimeMs()
      const oldest = Math.floor(now / slotMs) - slots
      const total = counts.reduce((sum, count, slot) => ((ticks[slot] ?? -1) > oldest ? sum + count : sum), 0)
      return total / (Math.min(windowMs, Math.max(now, slotMs)) / 1000)
    },
  }
}
