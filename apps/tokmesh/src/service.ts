/** The service as a whole: database, rules, keys, telemetry and app, put together from a configuration. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Hono } from 'hono'
import { createApp } from './app.ts'
import { auditTrail } from './audit/trail.ts'
import type { Cluster } from './cluster/cluster.ts'
import type { Subscription } from './cluster/subscription.ts'
import type { Config } from './config.ts'
import { createGc } from './domain/gc.ts'
import { freeMemory } from './free-memory.ts'
import { createAntiReplay } from './http/anti-replay.ts'
import type { AppEnv } from './http/env.ts'
import type { Log } from './log.ts'
import { nodeIdOf } from './node-id.ts'
import type { AdminDeps } from './routes/admin.ts'
import { auditedActions } from './routes/operations.ts'
import { createParts, type Parts } from './service/parts.ts'
import { createPeers, freshnessOf, listenTo, startListening } from './service/peers.ts'
import { prepare } from './service/prepare.ts'
import { createReadiness } from './service/readiness.ts'
import { antiReplayOf } from './service/settings.ts'
import { startUpkeep } from './service/upkeep.ts'
import { createClusterId } from './store/cluster.ts'
import { type Database, type DatabaseOptions, openDatabase } from './store/database.ts'
import { createStatistics } from './store/statistics.ts'
import { createTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.ts'

export interface ServiceOptions {
  readonly config: Config
  readonly log: Log
  /** Shows a line with a secret to the operator. */
  readonly print: (line: string) => void
  /** The time by which sessions and keys live, Unix ms. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined
  /** Makes what observes the service. Default: `createTelemetry`. */
  readonly observability?: ((options: TelemetryOptions) => Promise<Telemetry>) | undefined
}

/** A service that can answer requests. */
export interface Service {
  readonly app: Hono<AppEnv>
  readonly telemetry: Telemetry
  readonly nodeId: string
  readonly database: Database
  readonly cluster: Cluster
  /** Resolves when the schema is up to date, the first keys are made and the cluster is joined; until then the service is not ready. */
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
export async function createService(options: ServiceOptions): Promise<Service> {
  const { config, log, print, clock = Date.now, observability = createTelemetry } = options
  const nodeId = nodeIdOf(config.nodeId, config.dataDir, log)
  // Less than the limit of the probe, so that its answer is out by then.
  const storageTimeoutMs = Math.max(1, config.healthDbTimeoutMs - 100)
  const readiness = createReadiness(storageTimeoutMs, () => ({ database, cluster }))
  const telemetry = await observability({ config, nodeId, log, storageTimeoutMs, ...readiness })
  const subscription = listenTo(config, log)
  const database: Database = await openDatabase(databaseOf(config, telemetry, subscription, log))
  const sessionsCount = async () => (await parts.counts()).kept
  const { clusterHooks: hooks, sessionHooks } = telemetry
  const { cluster, onMessage } = createPeers({ config, nodeId, database, subscription, sessionsCount, hooks, log })
  const freshness = freshnessOf(subscription)
  // A time of its own is the only one that there is.
  const databaseClock = options.clock ?? subscription?.databaseNow ?? clock
  // A node whose clock is ahead must not sweep what lives.
  const sweepClock = () => Math.min(clock(), databaseClock())
  const { isPrepared } = readiness
  const from = { config, database, telemetry, cluster, freshness, log, clock, databaseClock, isPrepared }
  const parts: Parts = createParts(from)
  telemetry.watchDatabase(database, { nodeId, counts: parts.counts, statistics: createStatistics(database) })
  telemetry.watchCluster(cluster)
  const { keys, audit, auditStore, countKeys } = parts
  const app = createApp({
    ...{ ...config, ...telemetry, ...parts, freshness },
    observer: (app) => telemetry.observer(app, auditTrail({ actions: auditedActions, write: audit.add })),
    audit: auditStore,
    admin: adminDeps({ config, cluster, database, telemetry, parts, clock: sweepClock }),
    antiReplay: createAntiReplay(antiReplayOf(config)),
    exposition: telemetry.metrics.handler,
  })

  const closing = new AbortController()
  const firstKeys = { keys, count: countKeys, configured: config.bootstrapKeys, audit: audit.add, log, print }
  const prepared = prepare(database, firstKeys, closing.signal).then(async () => {
    const onRevoked = (lagSeconds: number) => sessionHooks.onRevoked?.(lagSeconds)
    await startListening(subscription, parts, onMessage, onRevoked, closing.signal)
    await cluster.join(closing.signal)
    readiness.setPrepared()
  })
  const upkeep = prepared.then(() => startUpkeep(config, parts, cluster, sweepClock))
  // Who wants to know awaits `prepared`; nobody has to.
  upkeep.catch(() => {})
  const close = async (auditMs?: number) => {
    closing.abort()
    const ended = upkeep.then((stop) => stop()).catch(() => {})
    // A migration, or another process's that is waited for, may take minutes: the end of the connections undoes it.
    await Promise.race([ended, pause(backgroundMs, undefined, { ref: false })])
    await parts.memory.close()
    await audit.close(auditMs)
    await keys.close()
    await cluster.leave()
    await subscription?.close()
    await database.close()
    await telemetry.close()
  }
  return { app, telemetry, nodeId, database, cluster, prepared, close }
}

/** How long the end of what goes on by itself is waited for: more than a statement takes. */
const backgroundMs = 3_000

/** How the database is opened. */
function databaseOf(
  config: Config,
  { onWalFault, decorateDatabase: decorate }: Telemetry,
  subscription: Subscription | undefined,
  log: Log,
): DatabaseOptions {
  const { dataDir, databaseUrl: url, databaseReplicaUrls: replicaUrls } = config
  return {
    ...{ url, dataDir, replicaUrls, onWalFault, decorate, sender: subscription?.sender },
    onReplicaTurn: ({ name: standby }, isFailing) =>
      isFailing
        ? log('warn', 'tokmesh.storage', 'a standby fails, and is left out of searches', { standby })
        : log('info', 'tokmesh.storage', 'a standby serves searches again', { standby }),
  }
}

interface AdminParts extends Required<Pick<ServiceOptions, 'config' | 'clock'>> {
  readonly cluster: Cluster
  readonly database: Database
  readonly telemetry: Telemetry
  readonly parts: Parts
}

function adminDeps({ config, cluster, database, telemetry, parts, clock }: AdminParts): AdminDeps {
  const { store, counts } = parts
  return {
    cluster,
    clusterId: createClusterId(database),
    figures: { ...telemetry, counts },
    collectGarbage: createGc({ store, tombstoneTtlMs: config.tombstoneTtlMs, freeMemory, clock }),
  }
}
