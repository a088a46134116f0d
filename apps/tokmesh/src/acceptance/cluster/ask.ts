/** One request to a node, with all that is known of when it was answered. */

/** A node, as a client sees it. */
export interface Target {
  readonly index: number
  readonly url: string
  /** By how much its clock is wrong, milliseconds. */
  readonly clockShiftMs: number
}

/** An answer. Times are Unix ms, by the clock of the machine. */
export interface Answered {
  /** Index of the node. */
  readonly node: number
  readonly sentAt: number
  readonly receivedAt: number
  /** When the node made it: `timestamp` of the envelope without what the node's clock is wrong. 0: nothing said so. */
  readonly madeAt: number
  /** 0: there was no answer, as the connection was refused or ended, or the patience did. */
  readonly status: number
  /** `code` of the envelope; of no answer the name of the fault. */
  readonly code: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape.
  readonly data: any
  // biome-ignore lint/suspicious/noExplicitAny: the same.
  readonly details: any
}

export interface AskOptions {
  /** Credential, sent as Bearer. */
  readonly key?: string
  /** Sent as JSON. */
  readonly body?: object
  /** How long an answer is waited for. Default: 15,000. */
  readonly patienceMs?: number
}

/** Sends a request and resolves to what became of it. Never rejects. */
export type Ask = (method: string, path: string, options?: AskOptions) => Promise<Answered>

/** Asks this node over connections that are kept alive. */
export function asker({ index, url, clockShiftMs }: Target): Ask {
  return async (method, path, { key, body, patienceMs = 15_000 } = {}) => {
    const sentAt = now()
    const about = { node: index, sentAt }
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(key && { Authorization: `Bearer ${key}` }),
          ...(body && { 'Content-Type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(patienceMs),
      })
      const { code = '', timestamp, data, details } = await response.json()
      const madeAt = timestamp === undefined ? 0 : timestamp - clockShiftMs
      return { ...about, receivedAt: now(), madeAt, status: response.status, code, data, details }
    } catch (error) {
      return { ...about, receivedAt: now(), madeAt: 0, status: 0, code: faultOf(error), data: {}, details: {} }
    }
  }
}

/** Finer than Date.now, and the same clock. */
const now = (): number => performance.timeOrigin + performance.now()

function faultOf(error: unknown): string {
  const { name, code, cause } = error as { name?: string; code?: string; cause?: { code?: string } }
  return cause?.code ?? code ?? name ?? 'fault'
}
