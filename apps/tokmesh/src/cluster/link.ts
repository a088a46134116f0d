import type { Line, LineListeners } from '../store/line.ts'

/** Options of {@link createLink}. */
export interface LinkOptions {
  readonly open: (listeners: LineListeners) => Line
  /** Makes a new line ready for use; when it rejects, the line is given up. */
  readonly prepare: (line: Line) => Promise<void>
  /** A line was lost, ready or not. */
  readonly onLost: () => void
  readonly onNotify: LineListeners['onNotify']
  /** From 0 to 1. */
  readonly random: () => number
}

/** A line that is made anew, for ever, whenever it is lost. */
export interface Link {
  open(): void
  /** The line, once it is ready. */
  line(): Line | undefined
  /** Whether it is the line that is in use or being made ready. */
  isCurrent(line: Line): boolean
  /** Gives this line up and makes another, unless that was done already. */
  lose(line: Line): void
  close(): Promise<void>
}

const firstPauseMs = 100
const longestPauseMs = 2_000

/** Returns a link that is not open. Between attempts it waits from 100 ms to 2 s, at random up to half as long. */
export function createLink({ open, prepare, onLost, onNotify, random }: LinkOptions): Link {
  let current: Line | undefined
  let isReady = false
  let isClosed = false
  let failures = 0
  let timer: NodeJS.Timeout | undefined

  const attempt = () => {
    const line = open({
      onNotify: (channel, payload) => {
        if (line === current) onNotify(channel, payload)
      },
      onClose: () => lose(line),
    })
    current = line
    prepare(line).then(
      () => {
        if (line !== current) return
        isReady = true
        failures = 0
      },
      () => lose(line),
    )
  }
  const lose = (line: Line) => {
    if (line !== current) return
    current = undefined
    isReady = false
    line.destroy()
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** failures)
    failures = Math.min(failures + 1, 10)
    timer = setTimeout(attempt, pauseMs * (0.5 + random() / 2))
    timer.unref()
    onLost()
  }

  return {
    lose,
    open: attempt,
    line: () => (isReady ? current : undefined),
    isCurrent: (line) => line === current,
    async close() {
      if (isClosed) return
      isClosed = true
      clearTimeout(timer)
      const line = current
      current = undefined
      isReady = false
      await line?.end()
    },
  }
}
