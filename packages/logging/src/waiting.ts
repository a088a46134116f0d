/** Hands bytes to a reader. Returns how many were taken: 0 when it is slow, -1 when nobody reads. */
export type Offer = (bytes: Buffer) => number

/** Lines that wait for a slow reader, in order, bounded in bytes. */
export interface Waiting {
  /** Whether none waits. */
  readonly empty: boolean
  /** How many lines were lost so far: there was no room, or nobody reads. */
  readonly dropped: number
  /** Offers a line if none waits before it, and keeps what is not taken. */
  add(line: string): void
  /** Offers what waits, until the reader takes no more or `limit` bytes are gone. Returns how many were taken. */
  drain(limit: number): number
}

/** Returns lines that wait, at most `maxBytes` of them; `droppedLine` makes the line that tells of losses. */
export function createWaiting(offer: Offer, maxBytes: number, droppedLine: (dropped: number) => string): Waiting {
  let queue: Buffer[] = []
  let bytes = 0
  let dropped = 0
  let told = 0

  function keep(line: Buffer): void {
    queue.push(line)
    bytes += line.length
  }

  /** Offers a line that is next, and keeps what of it is not taken. */
  function send(line: Buffer): void {
    const taken = offer(line)
    if (taken < 0) dropped++
    else if (taken < line.length) keep(line.subarray(taken))
  }

  /** Tells of losses as soon as there is room. A reader that is gone is told when there is one again. */
  function tell(): void {
    if (dropped === told || queue.length > 0) return
    const line = Buffer.from(`${droppedLine(dropped - told)}\n`)
    const taken = offer(line)
    if (taken <= 0) return
    told = dropped
    if (taken < line.length) keep(line.subarray(taken))
  }

  return {
    get empty() {
      return queue.length === 0
    },
    get dropped() {
      return dropped
    },
    add(text) {
      tell()
      const line = Buffer.from(text)
      if (queue.length === 0) send(line)
      else if (bytes + line.length <= maxBytes) keep(line)
      else dropped++
    },
    drain(limit) {
      let [taken, done] = [0, 0]
      for (; done < queue.length && taken < limit; done++) {
        const line = queue[done] as Buffer
        const n = offer(line)
        if (n < 0) dropped++
        taken += Math.max(0, n)
        if (n >= 0 && n < line.length) {
          queue[done] = line.subarray(n)
          break
        }
      }
      // Once for a whole turn: to shift each line off a long array is to move the array each time.
      queue = queue.slice(done)
      bytes = queue.reduce((sum, line) => sum + line.length, 0)
      tell()
      return taken
    },
  }
}
