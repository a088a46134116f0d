import type { Context } from 'hono'
import { createBuckets } from './buckets.ts'
import { type Checks, createChecks } from './checks.ts'
import { type ClientAddress, createClientIp } from './client-ip.ts'
import { createCredentials } from './credential.ts'
import { createGate } from './gate.ts'
import { nativeHasher } from './hasher.ts'
import { guardedHooks, type Hooks } from './hooks.ts'
import { createManagement, type KeyManagement } from './management.ts'
import { type ApiKeysOptions, resolveOptions, type Settings } from './options.ts'
import type { Pipeline } from './pipeline.ts'
import { createProofs } from './proofs.ts'
import { createRecords } from './records.ts'
import { createUlid } from './ulid.ts'
import { createUsage } from './usage.ts'

/** API keys: the verifying half for requests, the managing half for operators. */
export interface ApiKeys<Role extends string = string> extends Checks<Role>, KeyManagement<Role> {
  /** Every role, as given to `createApiKeys`. */
  readonly roles: readonly Role[]
  /** Who sent this request, by `trustedProxies` and `peerAddress`. */
  clientAddress(c: Context): ClientAddress
  /** Forgets what is known of a key: another node has changed it. The next request reads it again. */
  invalidate(id: string): void
  /** Writes the last `lastUsedAt`. Never rejects. */
  close(): Promise<void>
}

/**
 * Returns the keys of an app. Throws a `TypeError` or `RangeError` that names the option when one is wrong.
 *
 * @example
 * const keys = createApiKeys({ store: memoryKeyStore(), roles: ['reader', 'admin'] })
 * const { record, secret } = await keys.create({ role: 'reader' })
 */
export function createApiKeys<const Role extends string>(options: ApiKeysOptions<Role>): ApiKeys<Role> {
  const settings = resolveOptions(options)
  const { store, roles } = options
  const { clock } = settings
  const hooks = guardedHooks(options)
  const credentials = createCredentials(options.format, options.random)
  const clientAddress = createClientIp(options)
  const usage = createUsage({ ...settings, store, intervalMs: settings.usageIntervalMs, onError: hooks.onError })
  const { pipeline, hash } = createPipeline(options, settings, hooks)
  return {
    ...createManagement<Role>({
      ...{ store, roles, credentials, hash, clock },
      ulid: createUlid({ clock, ...(options.random && { random: options.random }) }),
      graceMs: settings.graceMs,
      written: pipeline.records.keep,
      unsure: pipeline.records.drop,
    }),
    ...createChecks(pipeline, credentials, usage, hooks),
    roles,
    clientAddress,
    invalidate: (id) => pipeline.records.drop(id.toLowerCase()),
    close: usage.close,
  }
}

function createPipeline<Role extends string>(
  options: ApiKeysOptions<Role>,
  settings: Settings,
  { onCache, onHashed, onError }: Hooks<Role>,
): { pipeline: Pipeline<Role>; hash: (secret: string) => Promise<string> } {
  const { store, roles } = options
  const { monotonic, capacity } = settings
  const gate = createGate(settings.concurrent, settings.queued)
  const hasher = options.hasher ? Promise.resolve(options.hasher) : nativeHasher(options.argon2 ?? {})
  hasher.catch(onError)
  return {
    pipeline: {
      ...{ roles, onCache },
      allowed: settings.allowed,
      clock: settings.clock,
      records: createRecords({ ...settings, store }),
      proofs: createProofs({ ...settings, hasher, gate, onHashed }),
      buckets: createBuckets(capacity, monotonic),
    },
    hash: async (secret) => {
      const native = await hasher
      return gate.runFirst(() => native.hash(secret))
    },
  }
}
