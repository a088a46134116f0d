import type { Notifier } from '../notifier.ts'
import type { Remediation } from '../remediation.ts'
import { within } from '../within.ts'
import { createLane, type Lane, type LaneContext } from './lane.ts'
import { createRemediator } from './remediator.ts'
import { createTicker } from './ticker.ts'
import { createUpkeep } from './upkeep.ts'

/** Sends what waits, and runs what is to be done. */
export interface Worker {
  /** There is something new. */
  wake(): void
  /** Begins nothing more, and resolves when what was under way has ended, `drainMs` later at the latest. */
  close(): Promise<void>
  /** What is known of each notifier. */
  status(): readonly ReturnType<Lane['status']>[]
}

/** What an attempt that was aborted still needs, to have its end written down. */
const lastWordsMs = 1_000

/** Returns the worker, which is at work from now on. */
export function startWorker(
  notifiers: Readonly<Record<string, Notifier>>,
  remediations: Readonly<Record<string, Remediation>>,
  shared: Omit<LaneContext, 'closing'>,
): Worker {
  const closing = new AbortController()
  const context: LaneContext = { ...shared, closing: closing.signal }
  const lanes = Object.entries(notifiers).map(([name, notifier]) => createLane(name, notifier, context))
  const remediator = createRemediator(remediations, context)
  const keepUp = createUpkeep(Object.keys(notifiers), context)
  const ticker = createTicker(
    () => {
      for (const lane of lanes) lane.look()
      remediator.look()
      keepUp()
    },
    shared.settings.sending.pollMs,
    shared.time,
  )
  let closed: Promise<void> | undefined

  async function close(): Promise<void> {
    ticker.stop()
    const idle = Promise.all([...lanes, remediator].map((part) => part.stop()))
    const { drainMs } = shared.settings.sending
    await within(idle, drainMs, shared.time, 'the last attempts').catch(async () => {
      closing.abort(new Error('the receiver is being closed'))
      await within(idle, lastWordsMs, shared.time, 'what was aborted').catch(() => {})
    })
  }

  return {
    wake: ticker.wake,
    close() {
      closed ??= close()
      return closed
    },
    status: () => lanes.map((lane) => lane.status()),
  }
}
