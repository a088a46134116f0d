import { TokMeshError } from './errors.ts'
import { tokenPattern } from './ids.ts'
import type { CreateInput, SessionLimits } from './session.ts'

/** Limits of the contract's section 2, in code points; `dataBytes` in UTF-8 bytes of the compact JSON. */
export const fieldLimits = {
  userId: 128,
  deviceId: 128,
  userAgent: 512,
  dataKey: 64,
  dataValue: 1024,
  dataBytes: 4096,
} as const

/** Limits of an API key's fields, section 4.14: code points, entries, requests per second. */
export const keyLimits = { description: 256, allowList: 100, rate: 1_000_000 } as const

/** Most sessions that one call may revoke. */
export const bulkRevokeLimit = 1000

/** Whether the text has more than `limit` Unicode code points. */
export function isLonger(text: string, limit: number): boolean {
  // A code point is one or two units, so most texts need no count.
  if (text.length <= limit) return false
  if (text.length > 2 * limit) return true
  return Array.from(text).length > limit
}

/** The first 512 code points of a `User-Agent`, which is never a reason to refuse a request. */
export function cutUserAgent(userAgent: string): string {
  const limit = fieldLimits.userAgent
  if (userAgent.length <= limit) return userAgent
  return Array.from(userAgent.slice(0, 2 * limit))
    .slice(0, limit)
    .join('')
}

/** Whether PostgreSQL can store the text: it holds no U+0000 and no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text)
}

/** The ttl in seconds, or the default; `TM-ARG-1001` at or below 0, `TM-SESS-4001` above the maximum. */
export function checkTtl(seconds: number | undefined, limits: SessionLimits): number {
  if (seconds === undefined) return limits.ttlDefault
  if (!Number.isInteger(seconds) || seconds <= 0) {
    throw new TokMeshError('TM-ARG-1001', 'ttl_seconds must be a whole number of at least 1.')
  }
  if (seconds > limits.ttlMax) tooLarge('ttl_seconds', limits.ttlMax)
  return seconds
}

/** `TM-ARG-1002` when it is empty, `TM-SESS-4001` when it is too long. */
export function checkUserId(userId: string): void {
  if (userId === '') throw new TokMeshError('TM-ARG-1002', 'user_id is required.')
  checkText('user_id', userId, fieldLimits.userId)
}

/** `TM-TOKN-4000` unless it has the form of a session token. */
export function checkToken(token: string): void {
  if (!tokenPattern.test(token)) throw new TokMeshError('TM-TOKN-4000', 'The token is not a session token.')
}

/** The rules of the fields of a create, in the order of the contract's table; returns the ttl in seconds. */
export function checkCreate(input: CreateInput, limits: SessionLimits): number {
  checkUserId(input.userId)
  checkText('device_id', input.deviceId ?? '', fieldLimits.deviceId)
  const ttl = checkTtl(input.ttlSeconds, limits)
  checkData(input.data ?? {})
  if (input.token !== undefined) checkToken(input.token)
  return ttl
}

function checkData(data: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(data)) {
    checkText('a key of data', key, fieldLimits.dataKey)
    checkText('a value of data', value, fieldLimits.dataValue)
  }
  if (Buffer.byteLength(JSON.stringify(data)) > fieldLimits.dataBytes) tooLarge('data', fieldLimits.dataBytes, 'bytes')
}

function checkText(field: string, text: string, limit: number): void {
  if (!isStorable(text)) throw new TokMeshError('TM-SYS-4000', `${field} holds characters that are not allowed.`)
  if (isLonger(text, limit)) tooLarge(field, limit, 'characters')
}

function tooLarge(field: string, limit: number, unit = 'seconds'): never {
  throw new TokMeshError('TM-SESS-4001', `${field} is above its limit of ${limit} ${unit}.`, { details: { limit } })
}
