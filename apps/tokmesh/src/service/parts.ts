/** The parts of the service that work on the database. */
import { type ApiKeys, createApiKeys, type KeyStore } from '@honoscope/api-key'
import { describeError } from '@honoscope/logging'
import { type AuditWriter, createAuditWriter } from '../audit/writer.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Freshness } from '../cluster/freshness.ts'
import type { Config } from '../config.ts'
import type { AuditStore } from '../domain/audit.ts'
import { TokMeshError } from '../domain/errors.ts'
import type { Sessions } from '../domain/session.ts'
import type { SessionCounts, SessionStore } from '../domain/session-store.ts'
import { createSessions } from '../domain/sessions.ts'
import type { Log } from '../log.ts'
import { type Role, roles } from '../routes/deps.ts'
import { createAuditStore } from '../store/audit.ts'
import type { Database } from '../store/database.ts'
import { createKeyStore } from '../store/keys.ts'
import type { NodeSessions } from '../store/remembered.ts'
import { createSessionStore } from '../store/sessions.ts'
import { withPatience } from '../telemetry/database.ts'
import { sampled } from '../telemetry/sampled.ts'
import { instrumentCalls } from '../telemetry/service-calls.ts'
import { instrumentSessions } from '../telemetry/sessions.ts'
import { traceSessions, traceSweeps } from '../telemetry/spans.ts'
import type { Telemetry } from '../telemetry.ts'
import { keysOf, limitsOf } from './settings.ts'

export interface PartsOptions {
  readonly config: Config
  readonly database: Database
  readonly telemetry: Telemetry
  readonly cluster: Pick<Cluster, 'shards' | 'confirm'>
  /** What vouches for what this node remembers. */
  readonly freshness: Freshness
  readonly log: Log
  /** Unix ms. */
  readonly clock: () => number
  /** The same by the database's clock. */
  readonly databaseClock: () => number
  /** False until the database can be used for the first time. */
  readonly isPrepared: () => boolean
}

export interface Parts {
  readonly store: SessionStore
  /** What the store remembers, and the touches that it has not written. */
  readonly memory: Pick<NodeSessions, 'forget' | 'clear' | 'close'>
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
export function createParts(options: PartsOptions): Parts {
  const { config, database, telemetry, cluster, freshness, log, clock, databaseClock, isPrepared } = options
  const { metrics, keyHooks, tracing } = telemetry
  const onTouchFailed = (error: unknown) =>
    log('error', 'tokmesh.storage', 'the access of a validated session could not be stored', describeError(error))
  const hooks = telemetry.sessionHooks
  const onTouchConflict = () => hooks.onVersionConflict?.('validate')
  const onError = (error: unknown) => log('error', 'tokmesh.service', 'background work failed', describeError(error))
  const { tombstoneTtlMs } = config
  const memory = createSessionStore(database, { freshness, tombstoneTtlMs, onTouchFailed, onTouchConflict })
  const store = traceSweeps(memory, tracing)
  const keyStore = createKeyStore(database)
  const auditStore = createAuditStore(database)
  const { confirm } = cluster
  const rules = createSessions({ store, limits: limitsOf(config), hooks, clock, databaseClock, confirm })
  const sessions = traceSessions(rules, tracing)
  return {
    store,
    memory,
    sessions: instrumentCalls(instrumentSessions(sessions, metrics), metrics),
    counts: sampled(() => withPatience(store.counts(clock(), cluster.shards()))),
    keys: createApiKeys({
      ...keysOf(config),
      ...keyHooks,
      store: whenPrepared(keyStore, isPrepared),
      roles,
      onError,
      clock,
    }),
    countKeys: keyStore.count,
    auditStore,
    audit: createAuditWriter({ store: auditStore, log, metrics }),
    onError,
  }
}

/** The store, which knows no key before the schema is up to date: until then nobody can be let in. */
function whenPrepared(store: KeyStore, isPrepared: () => boolean): KeyStore {
  return {
    ...store,
    async get(id) {
      if (!isPrepared()) throw new TokMeshError('TM-SYS-5030', 'The service is starting')
      return store.get(id)
    },
  }
}
