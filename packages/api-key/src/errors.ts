/**
 * - `KEY_INVALID`: an argument is out of its range.
 * - `KEY_CREDENTIAL`: an imported credential is not in the wire format.
 * - `KEY_NOT_FOUND`, `KEY_EXPIRED`: the key to be changed.
 * - `KEY_ID_TAKEN`: there is a key with this id already.
 * - `KEY_CONFLICT`: others changed the key at the same time, again and again.
 * - `KEY_RECORD_CORRUPT`: what the store holds can't be read: a hash that is no Argon2id PHC string, an unreadable
 *   allow list.
 * - `KEY_STORE_TIMEOUT`: the store did not answer in `storeTimeoutMs`.
 */
export type ApiKeyErrorCode =
  | 'KEY_INVALID'
  | 'KEY_CREDENTIAL'
  | 'KEY_NOT_FOUND'
  | 'KEY_EXPIRED'
  | 'KEY_ID_TAKEN'
  | 'KEY_CONFLICT'
  | 'KEY_RECORD_CORRUPT'
  | 'KEY_STORE_TIMEOUT'

/** What went wrong with a key. Neither the message nor the cause holds a secret or a hash. */
export class ApiKeyError extends Error {
  override readonly name = 'ApiKeyError'
  /** Stable; the message is not. */
  readonly code: ApiKeyErrorCode

  constructor(code: ApiKeyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
