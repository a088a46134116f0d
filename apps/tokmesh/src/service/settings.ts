/** What the parts of the service are told, out of the configuration. */
import type { ApiKeysOptions } from '@honoscope/api-key'
import type { Config } from '../config.ts'
import type { SessionLimits } from '../domain/session.ts'
import type { AntiReplayOptions } from '../http/anti-replay.ts'

/** Limits of the session rules. */
export const limitsOf = ({ ttlDefaultMs, ttlMaxMs, maxPerUser, tombstoneTtlMs }: Config): SessionLimits => ({
  ttlDefault: ttlDefaultMs / 1000,
  ttlMax: ttlMaxMs / 1000,
  maxPerUser,
  tombstoneTtlMs,
})

export const antiReplayOf = (config: Config): AntiReplayOptions => ({
  required: config.antiReplayRequired,
  windowMs: config.antiReplayWindowMs,
  nonceTtlMs: config.nonceTtlMs,
  maxNonces: config.nonceCacheSize,
})

export const sweepOf = ({ tombstoneTtlMs, sweepIntervalMs, sweepSampleSize }: Config) => ({
  tombstoneTtlMs,
  intervalMs: sweepIntervalMs,
  sampleSize: sweepSampleSize,
})

export const keysOf = (config: Config): Omit<ApiKeysOptions, 'store' | 'roles'> => ({
  allowList: config.allowList,
  trustedProxies: config.trustedProxies,
  rotationGraceMs: config.rotationGraceMs,
  argon2: {
    memoryKiB: config.argon2MemoryKib,
    iterations: config.argon2Iterations,
    parallelism: config.argon2Parallelism,
  },
  cache: { capacity: config.authCacheCapacity, ttlMs: config.authCacheTtlMs },
})
