/** The parts of the service that work on the database. */
import { type ApiKeys, createApiKeys } from '@honoscope/api-key'
import { type AuditWriter, createAuditWriter } from '../audit/writer.ts'
import type { Config } from '../config.ts'
import type { AuditStore } from '../domain/audit.ts'
import type { Sessions } from '../domain/session.ts'
import type { SessionCounts, SessionStore } from '../domain/session-store.ts'
import { createSessions } from '../domain/sessions.ts'
import { describeError, type Log } from '../log.ts'
import { type Role, roles } from '../routes/deps.ts'
import { createAuditStore } from '../store/audit.ts'
import type { Database } from '../store/database.ts'
import { createKeyStore } from '../store/keys.ts'
import { createSessionStore } from '../store/sessions.ts'
import { withPatience } from '../telemetry/database.ts'
import { sampled } from '../telemetry/sampled.ts'
import { instrumentCalls } from '../telemetry/service-calls.ts'
import { instrumentSessions } from '../telemetry/sessions.ts'
import type { Telemetry } from '../telemetry.ts'
import { keysOf, limitsOf } from './settings.ts'

export interface PartsOptions {
  readonly config: Config
  readonly database: Database
  readonly telemetry: Telemetry
  readonly log: Log
  /** Unix ms. */
  readonly clock: () => number
}

export interface Parts {
  readonly store: SessionStore
  readonly sessions: Sessions
  /** Numbers of sessions, at most 1 s old. */
  readonly counts: () => Promise<SessionCounts>
  readonly keys: ApiKeys<Role>
  readonly countKeys: () => Promise<number>
  readonly auditStore: AuditStore
  readonly audit: AuditWriter
  /** Hears of failed background work. */
  readonly onError: (error: unknown) => void
}

/** Returns sessions, keys and audit over the database, each with its metrics. */
export function createParts({ config, database, telemetry, log, clock }: PartsOptions): Parts {
  const { metrics, keyHooks, sessionHooks: hooks } = telemetry
  const onError = (error: unknown) => log('error', 'tokmesh.service', 'background work failed', describeError(error))
  const store = createSessionStore(database)
  const keyStore = createKeyStore(database)
  const auditStore = createAuditStore(database)
  const sessions = createSessions({ store, limits: limitsOf(config), hooks, clock })
  return {
    store,
    sessions: instrumentCalls(instrumentSessions(sessions, metrics), metrics),
    counts: sampled(() => withPatience(store.counts(clock()))),
    keys: createApiKeys({ ...keysOf(config), ...keyHooks, store: keyStore, roles, onError, clock }),
    countKeys: keyStore.count,
    auditStore,
    audit: createAuditWriter({ store: auditStore, log, metrics }),
    onError,
  }
}
