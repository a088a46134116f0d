import type { SessionRecord } from '../domain/session.ts'

/** The record's objects, its place in the maps, and the heads of its strings, bytes: no record weighs less. */
export const leastBytes = 900

/** The heads of a key and its value in `data`, and their place there, bytes. */
const pairBytes = 64

/**
 * Bytes of memory that a remembered session takes, rather more than less: two for every character, which is right where
 * a text has a character beyond Latin-1 and twice as much as is taken where it has none.
 */
export function weightOf(record: SessionRecord): number {
  let characters =
    record.id.length +
    record.userId.length +
    record.tokenHash.length +
    record.ipAddress.length +
    record.userAgent.length +
    record.lastAccessIp.length +
    record.lastAccessUa.length +
    record.deviceId.length +
    record.createdBy.length
  let pairs = 0
  for (const key in record.data) {
    pairs += 1
    characters += key.length + (record.data[key]?.length ?? 0)
  }
  return leastBytes + pairs * pairBytes + 2 * characters
}
