/** Anti-replay of state-changing calls: the contract's section 6.6. */
import { TokMeshError } from '../domain/errors.ts'

export interface AntiReplayOptions {
  /** Whether calls without the headers are refused. */
  readonly required: boolean
  /** How far `X-Timestamp` may be from now. */
  readonly windowMs: number
  /** How long a nonce stays used up. */
  readonly nonceTtlMs: number
  /** Nonces remembered; above it the oldest are forgotten. */
  readonly maxNonces: number
  /** Unix ms. Default: `Date.now`. */
  readonly now?: () => number
}

/** The two headers of one call, as sent. */
export interface ReplayHeaders {
  readonly timestamp: string | undefined
  readonly nonce: string | undefined
}

/**
 * Uses up the nonce of a call. Throws `TM-ARG-1002` when a header is missing, `TM-ARG-1001` when one is
 * malformed, `TM-AUTH-4014` when the timestamp is out of the window (the nonce stays unused then) and
 * `TM-AUTH-4015` when the key has sent the nonce before.
 */
export type AntiReplay = (keyId: string, headers: ReplayHeaders) => void

export function createAntiReplay(options: AntiReplayOptions): AntiReplay {
  const { required, windowMs, nonceTtlMs, maxNonces, now = Date.now } = options
  // In order of insertion; with one time to live for all of them that is the order of expiry too.
  const seen = new Map<string, number>()

  const useUp = (entry: string, at: number) => {
    for (const [oldest, expiresAt] of seen) {
      if (expiresAt > at && seen.size < maxNonces) break
      seen.delete(oldest)
    }
    seen.set(entry, at + nonceTtlMs)
  }

  return (keyId, { timestamp, nonce }) => {
    if (timestamp === undefined && nonce === undefined && !required) return
    if (timestamp === undefined) throw new TokMeshError('TM-ARG-1002', 'X-Timestamp is missing')
    if (nonce === undefined) throw new TokMeshError('TM-ARG-1002', 'X-Nonce is missing')
    if (!/^\d+$/.test(timestamp)) throw new TokMeshError('TM-ARG-1001', 'X-Timestamp has to be Unix milliseconds')
    if (nonce.length < 1 || nonce.length > 256)
      throw new TokMeshError('TM-ARG-1001', 'X-Nonce has to be 1 to 256 bytes')
    const at = now()
    if (Math.abs(at - Number(timestamp)) > windowMs) {
      throw new TokMeshError('TM-AUTH-4014', 'X-Timestamp is outside the window')
    }
    const entry = `${keyId} ${nonce}`
    if ((seen.get(entry) ?? 0) > at) throw new TokMeshError('TM-AUTH-4015', 'X-Nonce was already used')
    seen.delete(entry)
    useUp(entry, at)
  }
}
