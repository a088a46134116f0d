/**
 * API keys for Hono: Argon2id at rest, a verified-secret cache, roles, allow lists, rotation and rates.
 *
 * @module
 */
export { memoryKeyStore } from './memory-store.ts'
export type { KeyChanges, KeyInfo, KeyQuery, KeyRecord, KeyStatus, KeyStore, KeyUse } from './store.ts'
