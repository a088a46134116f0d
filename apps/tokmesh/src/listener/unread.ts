/** Answers that nobody reads: each would hold its connection, and its own bytes, for as long as its client likes. */
import type { ListenerLimits } from './limits.ts'

/** What bytes go out through: a connection, or an answer over HTTP/2, of which one connection has many. */
export interface Outlet {
  /** Bytes that wait to go out. */
  readonly writableLength: number
  /** Whether the last of them has been given. */
  readonly writableEnded: boolean
  on(event: 'drain', listener: () => void): unknown
  once(event: 'close', listener: () => void): unknown
}

/** The outlets that there are. */
export interface WriteDeadlines {
  /** From now on `cut` is called when something waits at the outlet and nothing of it goes out in time. */
  watch(outlet: Outlet, cut: () => void): void
  /** The end has begun: patience is short from now on. */
  hurry(): void
  /** Looks no more. */
  stop(): void
}

interface Progress {
  waiting: number
  /** When something last went out, or nothing waited. */
  at: number
  readonly cut: () => void
}

/**
 * Looks at every outlet once a second or oftener: requests cost nothing. What a client sends meanwhile doesn't count,
 * or a byte now and then would hold an answer for ever.
 */
export function createWriteDeadlines(limits: ListenerLimits): WriteDeadlines {
  const outlets = new Map<Outlet, Progress>()
  let patienceMs = limits.writeTimeoutMs
  const look = () => {
    const now = performance.now()
    for (const [outlet, progress] of outlets) {
      // An end that was said and hasn't come waits too, for a client that doesn't take the last bytes.
      const waiting = outlet.writableLength + (outlet.writableEnded ? 1 : 0)
      if (waiting === 0 || waiting < progress.waiting) progress.at = now
      else if (now - progress.at >= patienceMs) progress.cut()
      progress.waiting = waiting
    }
  }
  const timer = setInterval(look, Math.min(1000, limits.writeTimeoutMs / 4))
  timer.unref()
  return {
    watch(outlet, cut) {
      const progress: Progress = { waiting: 0, at: performance.now(), cut }
      outlets.set(outlet, progress)
      outlet.on('drain', () => {
        progress.at = performance.now()
      })
      outlet.once('close', () => outlets.delete(outlet))
    },
    hurry() {
      patienceMs = Math.min(patienceMs, limits.lastWriteTimeoutMs)
    },
    stop: () => clearInterval(timer),
  }
}
