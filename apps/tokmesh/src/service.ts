/** The service as a whole: database, rules, keys, telemetry and app, put together from a configuration. */
import { type ApiKeys, type ApiKeysOptions, createApiKeys, type KeyStore } from '@honoscope/api-key'
import { HealthError } from '@honoscope/health'
import type { Hono } from 'hono'
import { createApp } from './app.ts'
import { startRetention } from './audit/retention.ts'
import { auditTrail } from './audit/trail.ts'
import { createAuditWriter } from './audit/writer.ts'
import { type BootstrapOptions, bootstrap } from './bootstrap.ts'
import type { Config } from './config.ts'
import { TokMeshError } from './domain/errors.ts'
import { createGc } from './domain/gc.ts'
import type { SessionLimits } from './domain/session.ts'
import { createSessions } from './domain/sessions.ts'
import { startSweep } from './domain/sweep.ts'
import { freeMemory } from './free-memory.ts'
import { type AntiReplayOptions, createAntiReplay } from './http/anti-replay.ts'
import type { AppEnv } from './http/env.ts'
import { describeError, type Log } from './log.ts'
import { nodeIdOf } from './node-id.ts'
import { type Role, roles } from './routes/deps.ts'
import { auditedActions } from './routes/operations.ts'
import { createAuditStore } from './store/audit.ts'
import { createClusterId } from './store/cluster.ts'
import { type Database, openDatabase } from './store/database.ts'
import { createKeyStore } from './store/keys.ts'
import { migrate } from './store/migrate.ts'
import { createSessionStore } from './store/sessions.ts'
import { createStatistics } from './store/statistics.ts'
import { withPatience } from './telemetry/database.ts'
import type { KeyHooks } from './telemetry/keys.ts'
import { sampled } from './telemetry/sampled.ts'
import { instrumentCalls } from './telemetry/service-calls.ts'
import { instrumentSessions } from './telemetry/sessions.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'

export interface ServiceOptions {
  readonly config: Config
  readonly log: Log
  /** Shows a line with a secret to the operator. */
  readonly print: (line: string) => void
  /** The time by which sessions and keys live, Unix ms. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined
}

/** A service that can answer requests. */
export interface Service {
  readonly app: Hono<AppEnv>
  readonly telemetry: Telemetry
  readonly nodeId: string
  readonly database: Database
  /** Resolves when the schema is up to date and the first keys are made; until then the service is not ready. */
  readonly prepared: Promise<void>
  /**
   * Ends background work, writes the audit entries that wait, for at most `auditMs`, and closes the database.
   * Default: 5,000 ms.
   */
  close(auditMs?: number): Promise<void>
}

/**
 * Opens the database and puts the service together. An external database may be down: the service keeps trying.
 * Rejects when the embedded one can't be opened, e.g. because another process has the data folder.
 */
export async function createService({ config, log, print, clock = Date.now }: ServiceOptions): Promise<Service> {
  const nodeId = nodeIdOf(config.nodeId, config.dataDir)
  // Less than the limit of the probe, so that its answer is out by then.
  const pingMs = Math.max(1, config.healthDbTimeoutMs - 100)
  const state = { ready: false }
  const storage = async () => {
    if (!state.ready) throw new HealthError('initializing')
    await database.ping(pingMs)
  }
  const telemetry = createTelemetry({ log, storage, storageTimeoutMs: pingMs })
  const { dataDir, databaseUrl: url } = config
  const database: Database = await openDatabase({ url, dataDir, onWalFault: telemetry.onWalFault })
  const onError = (error: unknown) => log('error', 'tokmesh.service', 'background work failed', describeError(error))

  const store = createSessionStore(database)
  const keyStore = createKeyStore(database)
  const auditStore = createAuditStore(database)
  const audit = createAuditWriter({ store: auditStore, log, metrics: telemetry.metrics })
  const keys = createKeys(config, keyStore, { ...telemetry.keyHooks, onError, clock })
  const sessions = createSessions({ store, limits: limitsOf(config), hooks: telemetry.sessionHooks, clock })
  const counts = sampled(() => withPatience(store.counts(clock())))
  telemetry.watchDatabase({ nodeId, counts, statistics: createStatistics(database) })
  const app = createApp({
    ...config,
    ...telemetry,
    observer: (app) => telemetry.observer(app, auditTrail({ actions: auditedActions, write: audit.add })),
    audit: auditStore,
    sessions: instrumentCalls(instrumentSessions(sessions, telemetry.metrics), telemetry.metrics),
    keys,
    admin: {
      nodeId,
      address: addressOf(config.httpAddress),
      clusterId: createClusterId(database),
      isDraining: () => telemetry.health.draining,
      figures: { ...telemetry, counts },
      collectGarbage: createGc({ store, tombstoneTtlMs: config.tombstoneTtlMs, freeMemory, clock }),
    },
    antiReplay: createAntiReplay(antiReplayOf(config)),
    exposition: telemetry.metrics.handler,
    isPrepared: () => state.ready,
  })

  const closing = new AbortController()
  const firstKeys = { keys, count: keyStore.count, configured: config.bootstrapKeys, audit: audit.add, log, print }
  const prepared = prepare(database, firstKeys, closing.signal).then(() => {
    state.ready = true
  })
  const retentionMs = config.auditRetentionDays * 24 * 3_600_000
  const upkeep = prepared.then(() => [
    startSweep({ ...sweepOf(config), store, onError, clock }),
    startRetention({ store: auditStore, retentionMs, onError }),
  ])
  // Who wants to know awaits `prepared`; nobody has to.
  upkeep.catch(() => {})
  const close = async (auditMs?: number) => {
    closing.abort()
    await upkeep.then((running) => Promise.all(running.map((one) => one.stop()))).catch(() => {})
    await audit.close(auditMs)
    await keys.close()
    telemetry.metrics.close()
    await database.close()
  }
  return { app, telemetry, nodeId, database, prepared, close }
}

function createKeys(
  config: Config,
  store: KeyStore,
  hooks: KeyHooks & Pick<ApiKeysOptions, 'onError' | 'clock'>,
): ApiKeys<Role> {
  const { allowList, trustedProxies, rotationGraceMs } = config
  return createApiKeys({
    ...{ store, roles, allowList, trustedProxies, rotationGraceMs },
    argon2: {
      memoryKiB: config.argon2MemoryKib,
      iterations: config.argon2Iterations,
      parallelism: config.argon2Parallelism,
    },
    cache: { capacity: config.authCacheCapacity, ttlMs: config.authCacheTtlMs },
    ...hooks,
  })
}

/** host:port, with the brackets that an IPv6 address needs. */
const addressOf = ({ host, port }: Config['httpAddress']): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

const limitsOf = ({ ttlDefaultMs, ttlMaxMs, maxPerUser, tombstoneTtlMs }: Config): SessionLimits => ({
  ttlDefault: ttlDefaultMs / 1000,
  ttlMax: ttlMaxMs / 1000,
  maxPerUser,
  tombstoneTtlMs,
})

const antiReplayOf = (config: Config): AntiReplayOptions => ({
  required: config.antiReplayRequired,
  windowMs: config.antiReplayWindowMs,
  nonceTtlMs: config.nonceTtlMs,
  maxNonces: config.nonceCacheSize,
})

const sweepOf = ({ tombstoneTtlMs, sweepIntervalMs, sweepSampleSize }: Config) => ({
  tombstoneTtlMs,
  intervalMs: sweepIntervalMs,
  sampleSize: sweepSampleSize,
})

/** Brings the schema up to date and makes the first keys, as soon as the database can be reached. */
async function prepare(
  database: Database,
  firstKeys: Omit<BootstrapOptions, 'embedded'>,
  signal: AbortSignal,
): Promise<void> {
  await retry(() => migrate(database), signal, firstKeys.log)
  const embedded = database.kind === 'embedded'
  await retry(() => bootstrap({ ...firstKeys, embedded }), signal, firstKeys.log)
}

const retryMs = 500

/** Calls `step` until it succeeds, as long as the reason is a database that can't be reached. */
async function retry<T>(step: () => Promise<T>, signal: AbortSignal, log: Log): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step()
    } catch (error) {
      const unreachable = error instanceof TokMeshError && error.code === 'TM-SYS-5030'
      if (!unreachable || signal.aborted) throw error
      // Once, not twice a second for hours.
      if (attempt === 1)
        log('warn', 'tokmesh.storage', 'the database cannot be reached; trying on', describeError(error))
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
}
