/** Who was let in. Holds no secret and no hash. */
export interface VerifiedKey<Role extends string = string> {
  readonly id: string
  readonly role: Role
  /** Canonical client address, see `createClientIp`; `''` where the runtime does not tell. */
  readonly ip: string
  /** The TCP peer, in the same form. */
  readonly peer: string
  /** Requests per second on this node. */
  readonly rateLimit: number
  /** Unix ms; 0: never. */
  readonly expiresAt: number
  /** The store could not be reached, and this node's last verdict on the credential stands (`staleOnStoreError`). */
  readonly stale: boolean
}

/** Why a request was refused, in the order in which it is found out. Holds no secret and no hash. */
export type Denial =
  /** No credential. */
  | { readonly reason: 'missing' }
  /** A credential that is not in the wire format. */
  | { readonly reason: 'malformed' }
  /** The store failed or did not answer in time, or what it holds can't be read. `cause` may hold anything: don't log it unredacted. */
  | { readonly reason: 'store'; readonly keyId: string; readonly cause: unknown }
  | { readonly reason: 'unknown'; readonly keyId: string }
  | { readonly reason: 'disabled'; readonly keyId: string }
  /** `expiresAt` in Unix ms. */
  | { readonly reason: 'expired'; readonly keyId: string; readonly expiresAt: number }
  /** The client's address is not in this allow list. */
  | { readonly reason: 'ip'; readonly keyId: string; readonly ip: string; readonly list: 'global' | 'key' }
  /** Too many unproven secrets are waiting for their Argon2id. The secret may be right: try again. */
  | { readonly reason: 'busy'; readonly keyId: string; readonly retryAfterMs: number }
  /** Not the secret of this key. */
  | { readonly reason: 'secret'; readonly keyId: string }
  /** The key is right, its role is not one of these. */
  | {
      readonly reason: 'role'
      readonly keyId: string
      readonly role: string
      readonly requiredRoles: readonly string[]
    }
  /** Above `limit` requests per second; `resetAt` is the Unix ms of the next free token, `retryAfterMs` the way there. */
  | {
      readonly reason: 'rate'
      readonly keyId: string
      readonly limit: number
      readonly retryAfterMs: number
      readonly resetAt: number
    }

/** Name of a reason, e.g. for the label of a counter. */
export type DenialReason = Denial['reason']

/** The outcome of a check. */
export type Verdict<Role extends string = string> =
  | { readonly ok: true; readonly key: VerifiedKey<Role> }
  | { readonly ok: false; readonly denial: Denial }
