/** How a port that is served by Node's servers comes to its end. */
import type { Server } from 'node:net'

/** How long idle connections are kept at the end, for requests that are on their way. */
const lingerMs = 1000

/** What the system has queued for a listener is reset when that closes, so it is taken first, as far as it goes. */
export async function queueToEmpty(server: Server): Promise<void> {
  let taken = true
  const take = () => {
    taken = true
  }
  server.on('connection', take)
  for (let turn = 0; turn < 50 && taken; turn++) {
    taken = false
    // Two turns of the event loop: one may have begun before the last connection came.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  }
  server.off('connection', take)
}

/** Resolves with `closed`. Until then `closeIdle` is called over and over, from a second on. */
export async function sweepUntil(closed: Promise<void>, closeIdle: () => void): Promise<void> {
  let sweep: NodeJS.Timeout | undefined
  const linger = setTimeout(() => {
    sweep = setInterval(closeIdle, 50)
    sweep.unref()
  }, lingerMs)
  await closed
  clearTimeout(linger)
  clearInterval(sweep)
}
