import { cutUserAgent } from './rules.ts'
import type { Caller, CreateInput, SessionRecord } from './session.ts'
import { shardOf } from './shard.ts'

/** The record of a session that is created at `now` and lives for `ttl` seconds. */
export function newRecord(
  id: string,
  input: CreateInput,
  caller: Caller,
  tokenHash: string,
  ttl: number,
  now: number,
): SessionRecord {
  const userAgent = cutUserAgent(caller.userAgent)
  return {
    id,
    userId: input.userId,
    tokenHash,
    ipAddress: caller.ip,
    userAgent,
    lastAccessIp: caller.ip,
    lastAccessUa: userAgent,
    deviceId: input.deviceId ?? '',
    createdBy: caller.keyId,
    createdAt: now,
    expiresAt: now + ttl * 1000,
    lastActive: now,
    data: input.data ?? {},
    version: 1,
    shardId: shardOf(id),
    ttl,
    isDeleted: false,
    revokedAt: 0,
  }
}
