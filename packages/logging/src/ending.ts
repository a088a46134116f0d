/** Signals that end a process which does not listen to them, without its `exit` event. */
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** Knows of the end of the process while there is something to be done before it. */
export interface Ending {
  /** From now on `last` runs before the process ends. */
  watch(): void
  /** Nothing is left to be done. */
  release(): void
}

/** What waits for the end, of every destination. The process listens once: a second listener would be a stranger's. */
const pending = new Set<() => void>()

/**
 * Returns what runs `last` before the process ends by itself, by `process.exit()`, by an error that nobody caught, or
 * by a signal that nobody else listens to. How it ends is left as it is: the exit code, the signal, what Node prints.
 */
export function createEnding(last: () => void): Ending {
  return {
    watch() {
      if (pending.size === 0) listen()
      pending.add(last)
    },
    release() {
      if (pending.delete(last) && pending.size === 0) unlisten()
    },
  }
}

function onExit(): void {
  for (const last of pending) last()
}

function onSignal(signal: NodeJS.Signals): void {
  // Who listens too decides when the process ends, and `exit` comes then.
  if (process.listenerCount(signal) > 1) return
  onExit()
  unlisten()
  process.kill(process.pid, signal)
}

function listen(): void {
  process.on('exit', onExit)
  for (const signal of signals) process.on(signal, onSignal)
}

function unlisten(): void {
  process.off('exit', onExit)
  for (const signal of signals) process.off(signal, onSignal)
}
