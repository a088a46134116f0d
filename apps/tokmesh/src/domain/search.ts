import { TokMeshError } from './errors.ts'
import type { SessionRecord } from './session.ts'

/** What GET `/sessions` looks for, the contract's section 4.4. A condition that is absent excludes nothing. */
export interface SessionSearch {
  readonly userId?: string | undefined
  readonly deviceId?: string | undefined
  /** An IP address or a CIDR block in canonical text, which the address of the create is in. */
  readonly network?: string | undefined
  /** Id of the key that created the session. */
  readonly createdBy?: string | undefined
  /** Unix ms, inclusive. */
  readonly createdFrom?: number | undefined
  /** Unix ms, exclusive. */
  readonly createdBefore?: number | undefined
  /** Unix ms, inclusive; of `lastActive`. */
  readonly activeFrom?: number | undefined
  /** `expired` means those that are still kept, revoked ones included. */
  readonly status: 'active' | 'expired'
  /** Ties are broken by the id, in the same direction. */
  readonly sortBy: 'createdAt' | 'lastActive'
  readonly descending: boolean
  /** Matches before the page, a safe integer. */
  readonly offset: number
  /** Matches on the page at most. */
  readonly limit: number
}

/** A page of what was found. */
export interface SessionPage {
  readonly items: readonly SessionRecord[]
  /** All matches, on whatever page: at the same moment as `items`. */
  readonly total: number
}

/** Throws `TM-ARG-1003` when a range of times ends before it starts. An empty one finds nothing. */
export function checkRange(start: number | undefined, end: number | undefined, names: readonly [string, string]): void {
  if (start === undefined || end === undefined || start <= end) return
  throw new TokMeshError('TM-ARG-1003', `${names[0]} is later than ${names[1]}`)
}

/** Matches before a page, counted from 1; of pages beyond counting, as many as can be counted. */
export function offsetOf(page: number, size: number): number {
  return Math.min((page - 1) * size, Number.MAX_SAFE_INTEGER)
}
