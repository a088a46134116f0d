import { writeSync } from 'node:fs'
import type { Destination } from './destination.ts'
import { createEnding } from './ending.ts'
import { createWaiting, type Offer } from './waiting.ts'

/** What {@link stdoutDestination} can be told. */
export interface StdoutOptions {
  /** 1, standard output, or 2, standard error. Default: 1. */
  readonly fd?: 1 | 2
  /** Most bytes that wait for a reader that is slow; later lines are dropped and counted. Default: 8 MiB. */
  readonly maxBufferBytes?: number
  /** How long a flush, the one at the end of the process too, waits while the reader takes nothing. Default: 1000. */
  readonly stallTimeoutMs?: number
  /** Makes the line that tells how many were dropped, without its line feed. Default: one of level WARN. */
  readonly droppedLine?: (dropped: number) => string
}

/** Bytes that a reader which has come back gets before the event loop has its turn: some milliseconds of writing. */
const turnBytes = 262_144
const [firstRetryMs, lastRetryMs] = [2, 64]
/** The longest sleep in a flush. */
const napMs = 2

/**
 * Returns a destination that writes each line at once and never blocks the event loop: what a pipe doesn't take waits
 * in a bounded buffer. What waits is written before the process ends by itself, by `process.exit()`, by an error that
 * nobody caught or by a signal. A reader that is gone costs its lines and nothing else.
 *
 * Make one for a process, and give it to every logger that writes there. A wrong option throws a `TypeError`.
 */
export function stdoutDestination(options: StdoutOptions = {}): Destination {
  const { fd = 1, maxBufferBytes = 8 * 1024 * 1024, stallTimeoutMs = 1000, droppedLine = droppedLineOf } = options
  if (fd !== 1 && fd !== 2) throw new TypeError('fd: must be 1 or 2')
  if (!(maxBufferBytes >= 0)) throw new TypeError('maxBufferBytes: must be a number of bytes')
  if (!(stallTimeoutMs >= 0)) throw new TypeError('stallTimeoutMs: must be a number of milliseconds')
  const tell = (dropped: number): string => {
    try {
      return droppedLine(dropped)
    } catch {
      // It is asked by a timer too, where an error would end the process.
      return droppedLineOf(dropped)
    }
  }
  const waiting = createWaiting(unblocked(fd), maxBufferBytes, tell)
  const ending = createEnding(flush)
  let timer: ReturnType<typeof setTimeout> | undefined
  let retryMs = firstRetryMs

  function retry(): void {
    const taken = waiting.drain(turnBytes)
    retryMs = taken > 0 ? firstRetryMs : Math.min(retryMs * 2, lastRetryMs)
    timer = undefined
    settle()
  }

  /** A timer while lines wait, and nothing that holds the process or listens to it when none does. */
  function settle(): void {
    if (waiting.empty) {
      clearTimeout(timer)
      timer = undefined
      ending.release()
      return
    }
    ending.watch()
    timer ??= setTimeout(retry, retryMs).unref()
  }

  function flush(): void {
    let progressAt = performance.now()
    while (!waiting.empty && performance.now() - progressAt <= stallTimeoutMs) {
      if (waiting.drain(turnBytes) > 0) progressAt = performance.now()
      else nap()
    }
    settle()
  }

  return {
    write(line) {
      waiting.add(line)
      if (!waiting.empty) settle()
    },
    flush,
    get dropped() {
      return waiting.dropped
    },
  }
}

let standard: Destination | undefined

/** Returns the destination of every logger that was given none: lines of two that wait would end up within each other. */
export function standardDestination(): Destination {
  standard ??= stdoutDestination()
  return standard
}

/**
 * The descriptor, so that a full pipe refuses (`EAGAIN`) where it would block: both runtimes set it so when they open
 * `process.stdout`, and say so of no write of ours. To write by the stream itself would leave lines in its buffer at
 * the end of the process.
 */
function unblocked(fd: 1 | 2): Offer {
  void (fd === 1 ? process.stdout : process.stderr)
  return (bytes) => {
    try {
      return writeSync(fd, bytes)
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'EAGAIN' ? 0 : -1
    }
  }
}

const napCell = new Int32Array(new SharedArrayBuffer(4))
const nap = (): unknown => Atomics.wait(napCell, 0, 0, napMs)

function droppedLineOf(dropped: number): string {
  const timestamp = new Date().toISOString()
  const message = `${dropped} ${dropped === 1 ? 'line' : 'lines'} dropped`
  return JSON.stringify({ timestamp, level: 'WARN', logger: 'log', message, dropped })
}
