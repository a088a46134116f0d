import type { ClientAddress } from './client-ip.ts'
import type { Credential, Credentials } from './credential.ts'
import type { Verdict } from './denial.ts'
import type { Hooks } from './hooks.ts'
import { authorizeKey, denied, type Pipeline, verifyKey } from './pipeline.ts'
import type { Usage } from './usage.ts'

/** What a request brings along. */
export interface PresentedHeaders {
  /** Value of `Authorization`; a scheme other than Bearer counts as none. */
  readonly authorization?: string | undefined
  /** Value of `X-API-Key`; counts when there is no Bearer credential. */
  readonly apiKey?: string | undefined
}

/** @see Checks.authenticate */
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

/** The verifying half of `ApiKeys`. */
export interface Checks<Role extends string = string> {
  /** The whole pipeline: credential, existence, status, expiry, address, secret, role, rate. Never rejects. */
  authenticate(headers: PresentedHeaders, address: ClientAddress, rules?: AccessRules<Role>): Promise<Verdict<Role>>
  /** Existence, status, expiry, address and secret only. Never rejects. */
  verify(credential: string, address: ClientAddress): Promise<Verdict<Role>>
}

/** Builds the checks over a pipeline; they tell the hooks, and note when a key was used. */
export function createChecks<Role extends string>(
  pipeline: Pipeline<Role>,
  credentials: Credentials,
  usage: Usage,
  hooks: Hooks<Role>,
): Checks<Role> {
  const report = (verdict: Verdict<Role>): Verdict<Role> => {
    if (!verdict.ok) hooks.onFailure(verdict.denial)
    return verdict
  }
  const check = async (credential: Credential, address: ClientAddress, stale: boolean): Promise<Verdict<Role>> => {
    const verdict = await verifyKey(pipeline, credential, address, stale)
    if (verdict.ok) {
      usage.mark(verdict.key.id, pipeline.clock())
      hooks.onVerified(verdict.key)
    }
    return verdict
  }
  return {
    authenticate: async ({ authorization, apiKey }, address, rules = {}) => {
      const presented = credentials.fromHeaders(authorization, apiKey)
      if (presented === 'missing' && rules.optional) return denied({ reason: presented })
      if (typeof presented === 'string') return report(denied({ reason: presented }))
      const verdict = await check(presented, address, rules.staleOnStoreError ?? false)
      if (!verdict.ok) return report(verdict)
      const denial = authorizeKey(pipeline, verdict.key, rules.roles ?? pipeline.roles, rules.chargeRate ?? true)
      return denial ? report(denied(denial)) : verdict
    },
    verify: async (credential, address) => {
      const parsed = credentials.parse(credential)
      return report(parsed ? await check(parsed, address, false) : denied({ reason: 'malformed' }))
    },
  }
}
