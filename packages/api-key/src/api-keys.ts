import type { Context } from 'hono'
import { createBuckets } from './buckets.ts'
import { type ClientAddress, createClientIp } from './client-ip.ts'
import { type Credential, createCredentials } from './credential.ts'
import type { Denial, Verdict } from './denial.ts'
import { createGate } from './gate.ts'
import { nativeHasher } from './hasher.ts'
import { createManagement, type KeyManagement } from './management.ts'
import { type ApiKeysOptions, resolveOptions, type Settings } from './options.ts'
import { authorizeKey, denied, type Pipeline, verifyKey } from './pipeline.ts'
import { createProofs } from './proofs.ts'
import { createRecords } from './records.ts'
import { createUlid } from './ulid.ts'
import { createUsage } from './usage.ts'

/** What a request brings along. */
export interface PresentedHeaders {
  /** Value of `Authorization`; a scheme other than Bearer counts as none. */
  readonly authorization?: string | undefined
  /** Value of `X-API-Key`; counts when there is no Bearer credential. */
  readonly apiKey?: string | undefined
}

/** @see ApiKeys.authenticate */
export interface AccessRules<Role extends string = string> {
  /** Roles that may pass. Default: every role. */
  readonly roles?: readonly Role[] | undefined
  /** Take a token of the key's rate. Default: true. */
  readonly chargeRate?: boolean | undefined
  /**
   * When the store fails, let a credential in that this node has let in before, however long ago, unless the key
   * is known to be disabled or expired by now. For an endpoint that must be readable when all else is down.
   * Default: false.
   */
  readonly staleOnStoreError?: boolean | undefined
  /** A missing credential is not reported to `onFailure`: the caller lets it pass. Default: false. */
  readonly optional?: boolean | undefined
}

/** API keys: the verifying half for requests, the managing half for operators. */
export interface ApiKeys<Role extends string = string> extends KeyManagement<Role> {
  /** Every role, as given to `createApiKeys`. */
  readonly roles: readonly Role[]
  /** The whole pipeline: credential, existence, status, expiry, address, secret, role, rate. Never rejects. */
  authenticate(headers: PresentedHeaders, address: ClientAddress, rules?: AccessRules<Role>): Promise<Verdict<Role>>
  /** Existence, status, expiry, address and secret only. Never rejects. */
  verify(credential: string, address: ClientAddress): Promise<Verdict<Role>>
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

  const report = (verdict: Verdict<Role>): Verdict<Role> => {
    if (!verdict.ok) hooks.onFailure(verdict.denial)
    return verdict
  }
  const check = async (credential: Credential, address: ClientAddress, stale: boolean): Promise<Verdict<Role>> => {
    const verdict = await verifyKey(pipeline, credential, address, stale)
    if (verdict.ok) {
      usage.mark(verdict.key.id, clock())
      hooks.onVerified(verdict.key)
    }
    return verdict
  }
  return {
    ...createManagement<Role>({
      ...{ store, roles, credentials, hash, clock },
      ulid: createUlid({ clock, ...(options.random && { random: options.random }) }),
      graceMs: settings.graceMs,
      written: pipeline.records.keep,
      unsure: pipeline.records.drop,
    }),
    roles,
    clientAddress,
    authenticate: async ({ authorization, apiKey }, address, rules = {}) => {
      const presented = credentials.fromHeaders(authorization, apiKey)
      if (presented === 'missing' && rules.optional) return denied({ reason: presented })
      if (typeof presented === 'string') return report(denied({ reason: presented }))
      const verdict = await check(presented, address, rules.staleOnStoreError ?? false)
      if (!verdict.ok) return report(verdict)
      const denial = authorizeKey(pipeline, verdict.key, rules.roles ?? roles, rules.chargeRate ?? true)
      return denial ? report(denied(denial)) : verdict
    },
    verify: async (credential, address) => {
      const parsed = credentials.parse(credential)
      return report(parsed ? await check(parsed, address, false) : denied({ reason: 'malformed' }))
    },
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
      const { hash } = await hasher
      return gate.runFirst(() => hash(secret))
    },
  }
}

interface Hooks<Role extends string> {
  readonly onVerified: NonNullable<ApiKeysOptions<Role>['onVerified']>
  readonly onFailure: (denial: Denial) => void
  readonly onCache: (outcome: 'hit' | 'miss') => void
  readonly onHashed: (seconds: number) => void
  readonly onError: (error: unknown) => void
}

/** The user's hooks, unable to fail a request. */
function guardedHooks<Role extends string>(options: ApiKeysOptions<Role>): Hooks<Role> {
  const onError = (error: unknown): void => {
    try {
      options.onError?.(error)
    } catch {
      // Nobody is left to tell.
    }
  }
  const guard =
    <T>(hook: ((value: T) => void) | undefined) =>
    (value: T): void => {
      try {
        hook?.(value)
      } catch (error) {
        onError(error)
      }
    }
  return {
    onVerified: guard(options.onVerified),
    onFailure: guard(options.onFailure),
    onCache: guard(options.onCache),
    onHashed: guard(options.onHashed),
    onError,
  }
}
