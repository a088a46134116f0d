/** What goes on by itself while the service runs. */
import { startRetention } from '../audit/retention.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Config } from '../config.ts'
import { startSweep } from '../domain/sweep.ts'
import type { Parts } from './parts.ts'
import { sweepOf } from './settings.ts'

/** Starts the sweep of this node's shards, and the leader's removal of old audit entries; returns how to end both. */
export function startUpkeep(
  config: Config,
  { store, auditStore, onError }: Parts,
  { shards, isLeader }: Cluster,
  clock: () => number,
): () => Promise<void> {
  const retentionMs = config.auditRetentionDays * 24 * 3_600_000
  const running = [
    startSweep({ ...sweepOf(config), store, shards, onError, clock }),
    startRetention({ store: auditStore, retentionMs, isLeader, onError }),
  ]
  return async () => {
    await Promise.all(running.map((one) => one.stop()))
  }
}
