/**
 * API keys for Hono: Argon2id at rest, a verified-secret cache, roles, allow lists, rotation and rates.
 *
 * @module
 */
export { type AllowList, parseAllowList } from './allow-list.ts'
export { type ApiKeys, createApiKeys } from './api-keys.ts'
export type { AccessRules, Checks, PresentedHeaders } from './checks.ts'
export { type ClientAddress, type ClientIpOptions, createClientIp } from './client-ip.ts'
export { type Credential, type CredentialFormat, parseCredential } from './credential.ts'
export type { Denial, DenialReason, Verdict, VerifiedKey } from './denial.ts'
export { ApiKeyError, type ApiKeyErrorCode } from './errors.ts'
export type { Argon2Cost, Hasher } from './hasher.ts'
export type { ImportedKey, IssuedKey, KeyManagement, RotatedKey } from './management.ts'
export { memoryKeyStore } from './memory-store.ts'
export { type ApiKeyOptions, type ApiKeyVariables, apiKey } from './middleware.ts'
export { parseNetwork } from './network.ts'
export type { NewKey } from './new-key.ts'
export type { ApiKeysOptions } from './options.ts'
export { denialResponse } from './response.ts'
export type { KeyChanges, KeyInfo, KeyQuery, KeyRecord, KeyStatus, KeyStore, KeyUse } from './store.ts'
export { createUlid, type RandomBytes, type UlidOptions } from './ulid.ts'
