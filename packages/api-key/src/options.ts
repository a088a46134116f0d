import { type AllowList, parseAllowList } from './allow-list.ts'
import { type ClientIpOptions, named } from './client-ip.ts'
import type { CredentialFormat } from './credential.ts'
import type { Denial, VerifiedKey } from './denial.ts'
import type { Argon2Cost, Hasher } from './hasher.ts'
import type { KeyStore } from './store.ts'
import type { RandomBytes } from './ulid.ts'

/** @see createApiKeys */
export interface ApiKeysOptions<Role extends string = string> extends ClientIpOptions {
  /** Where the keys are kept. */
  readonly store: KeyStore
  /** Every role that a key may have, at least one. */
  readonly roles: readonly Role[]
  /** IPs and CIDRs that every key is restricted to, besides its own list. Default: no restriction. */
  readonly allowList?: readonly string[]
  /** Cost of new hashes. Out of range throws. */
  readonly argon2?: Argon2Cost
  /** Replaces Argon2id and SHA-256, for a runtime without `@node-rs/argon2`; `argon2` is not looked at then. */
  readonly hasher?: Hasher
  /** How keys look on the wire. */
  readonly format?: CredentialFormat
  /**
   * Argon2id runs at once, at least 1. Default: half of the cores, 1 … 3, and 2 where the runtime doesn't tell
   * them: Node's thread pool has 4 places, and files and DNS need one.
   */
  readonly maxConcurrentVerifications?: number
  /** Unproven secrets that may wait for an Argon2id, at least 1; beyond that the denial is `busy`. Default: 64. */
  readonly maxQueuedVerifications?: number
  /** Proven secrets: how many are remembered (at least 1, 10,000) and for how long (at least 0, 60,000 ms). */
  readonly cache?: { readonly capacity?: number; readonly ttlMs?: number }
  /** How long a key record is used without reading it again, at least 0. Own writes count at once. Default: 1000. */
  readonly recordFreshMs?: number
  /** How long the old secret works after a rotation, at least 0. Default: 3,600,000 (1 h). */
  readonly rotationGraceMs?: number
  /** After this the store counts as unreachable, at least 1. Default: 1500. */
  readonly storeTimeoutMs?: number
  /** How often `lastUsedAt` is written, at least 1. Default: 1000. */
  readonly usageIntervalMs?: number
  /** Unix ms, for expiry, grace and time stamps. Default: `Date.now`. */
  readonly clock?: () => number
  /** Milliseconds that never step, for ages and rates. Default: `performance.now`. */
  readonly monotonic?: () => number
  /** Fills an array with random bytes. Default: `crypto.getRandomValues`. */
  readonly random?: RandomBytes
  /** A key was verified: it exists, may be used, and the secret is its own. Role and rate come after. */
  readonly onVerified?: (key: VerifiedKey<Role>) => void
  /** A request was denied, for whatever reason. */
  readonly onFailure?: (denial: Denial) => void
  /** A secret was found among the proven ones, or not. */
  readonly onCache?: (outcome: 'hit' | 'miss') => void
  /** One Argon2id verification took this many seconds, without the time in the queue. */
  readonly onHashed?: (seconds: number) => void
  /** Something failed beside the request: a hook threw, `lastUsedAt` could not be written. Default: nothing is done. */
  readonly onError?: (error: unknown) => void
}

/** The options that the parts need, with their defaults, checked. */
export interface Settings {
  readonly allowed: AllowList
  readonly concurrent: number
  readonly queued: number
  readonly capacity: number
  readonly ttlMs: number
  readonly freshMs: number
  readonly graceMs: number
  readonly timeoutMs: number
  readonly usageIntervalMs: number
  readonly clock: () => number
  readonly monotonic: () => number
}

/** Fills in the defaults. Throws a `TypeError` or `RangeError` that names the option. */
export function resolveOptions(options: Omit<ApiKeysOptions, 'onVerified'>): Settings {
  const { roles, argon2: cost = {}, cache = {} } = options
  if (!options.store) throw new TypeError('store: a KeyStore is needed')
  if (roles.length === 0 || new Set(roles).size < roles.length) throw new TypeError('roles: at least one, none twice')
  const { parallelism = 2 } = cost
  integer('argon2.parallelism', parallelism, 1, 16)
  integer('argon2.iterations', cost.iterations ?? 2, 1, 10)
  integer('argon2.memoryKiB', cost.memoryKiB ?? 16_384, 8 * parallelism, 1_048_576)
  return {
    allowed: named('allowList', () => parseAllowList(options.allowList ?? [])),
    concurrent: integer('maxConcurrentVerifications', options.maxConcurrentVerifications ?? halfTheCores(), 1),
    queued: integer('maxQueuedVerifications', options.maxQueuedVerifications ?? 64, 1),
    capacity: integer('cache.capacity', cache.capacity ?? 10_000, 1),
    ttlMs: integer('cache.ttlMs', cache.ttlMs ?? 60_000, 0),
    freshMs: integer('recordFreshMs', options.recordFreshMs ?? 1000, 0),
    graceMs: integer('rotationGraceMs', options.rotationGraceMs ?? 3_600_000, 0),
    timeoutMs: integer('storeTimeoutMs', options.storeTimeoutMs ?? 1500, 1),
    usageIntervalMs: integer('usageIntervalMs', options.usageIntervalMs ?? 1000, 1),
    clock: options.clock ?? Date.now,
    monotonic: options.monotonic ?? (() => performance.now()),
  }
}

function integer(option: string, value: number, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new RangeError(`${option}: ${value} is not an integer of ${min} … ${max}`)
}

function halfTheCores(): number {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } }
  return Math.max(1, Math.min(3, Math.floor((navigator?.hardwareConcurrency ?? 4) / 2)))
}
