import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { replayLags } from './replay-lag.ts'

/** A standby as the primary sees it. */
export interface Standby {
  /** The primary's `cluster_name`, or `primary`. */
  readonly from: string
  /** The standby's `application_name`. */
  readonly to: string
  /** How long it lacks what the primary has. 0: it shows all. */
  readonly lagSeconds: number
}

/** The database server's own numbers. Every method rejects with a `TokMeshError` when they can't be had. */
export interface DatabaseStatistics {
  /** Write-ahead log written since the statistics were reset. */
  walBytes(): Promise<number>
  /** Those whose state this role may see: it takes `pg_monitor` or the like. */
  standbys(): Promise<readonly Standby[]>
}

/** Returns the statistics of a database. */
export function createStatistics({ run }: Database): DatabaseStatistics {
  const lags = replayLags()
  return {
    async walBytes() {
      const rows = await run((db) => db.select({ bytes: sql<string>`wal_bytes` }).from(sql`pg_stat_wal`))
      return Number(rows[0]?.bytes ?? 0)
    },
    async standbys() {
      const rows = await run((db) => db.select(standing).from(sql`pg_stat_replication`).where(isStandby))
      return lags(rows)
    },
  }
}

const standing = {
  from: sql<string>`coalesce(nullif(current_setting('cluster_name'), ''), 'primary')`,
  to: sql<string>`application_name`,
  pid: sql<number>`pid`,
  written: sql<number>`pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8`,
  replayed: sql<number>`pg_wal_lsn_diff(replay_lsn, '0/0')::float8`,
  measuredSeconds: sql<number>`coalesce(extract(epoch from replay_lag), 0)::float8`,
  nowSeconds: sql<number>`extract(epoch from clock_timestamp())::float8`,
}

/** Backups and subscribers stand there too. What a role may not see of a standby is null. */
const isStandby = sql`replay_lsn is not null and pid not in (
  select active_pid from pg_replication_slots where slot_type = 'logical' and active_pid is not null
)`
