import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'

/** A standby as the primary sees it. */
export interface Standby {
  /** The primary's `cluster_name`, or `primary`. */
  readonly from: string
  /** The standby's `application_name`. */
  readonly to: string
  readonly lagSeconds: number
}

/** The database server's own numbers. Every method rejects with a `TokMeshError` when they can't be had. */
export interface DatabaseStatistics {
  /** Write-ahead log written since the statistics were reset. */
  walBytes(): Promise<number>
  standbys(): Promise<readonly Standby[]>
}

/** Returns the statistics of a database. */
export function createStatistics({ run }: Database): DatabaseStatistics {
  return {
    async walBytes() {
      const rows = await run((db) => db.select({ bytes: sql<string>`wal_bytes` }).from(sql`pg_stat_wal`))
      return Number(rows[0]?.bytes ?? 0)
    },
    standbys: () =>
      run((db) =>
        db
          .select({
            from: sql<string>`coalesce(nullif(current_setting('cluster_name'), ''), 'primary')`,
            to: sql<string>`application_name`,
            lagSeconds: sql<number>`coalesce(extract(epoch from replay_lag), 0)::float8`,
          })
          .from(sql`pg_stat_replication`),
      ),
  }
}
