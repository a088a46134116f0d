import type { PGlite } from '@electric-sql/pglite'

/** Limits of the upkeep of an embedded database. */
export interface UpkeepOptions {
  /** Between two looks. Default: 10,000 ms. */
  readonly intervalMs?: number | undefined
  /** Log written since the last checkpoint that calls for another. Default: 32 MiB, which is replayed in a second. */
  readonly maxLogBytes?: number | undefined
  /** Dead rows of a table that call for a vacuum, once they are a fifth of the rows too. Default: 10,000. */
  readonly maxDeadRows?: number | undefined
  /** Changed rows of a table that call for new statistics, once they are a tenth of the rows too. Default: 1,000. */
  readonly maxChangedRows?: number | undefined
}

const logSinceCheckpoint = `
select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::float8 as bytes from pg_control_checkpoint()`

const tablesToVacuum = `
select quote_ident(relname) as name from pg_stat_user_tables
where n_dead_tup > $1 and n_dead_tup > 0.2 * n_live_tup`

const tablesToAnalyze = `
select quote_ident(relname) as name from pg_stat_user_tables
where n_mod_since_analyze > $1 and n_mod_since_analyze > 0.1 * n_live_tup`

/**
 * Does what a PostgreSQL server has background processes for and PGlite has not: checkpoints, without which the
 * log grows for ever and so does the start after a kill, vacuuming, without which the tables do, and statistics,
 * without which searches are planned blindly. Returns how to end it. Its timer does not keep the process alive; its
 * failures are left for the next query to report.
 */
export function startUpkeep(client: PGlite, options: UpkeepOptions = {}): () => void {
  const { intervalMs = 10_000, maxLogBytes = 32 * 2 ** 20, maxDeadRows = 10_000, maxChangedRows = 1_000 } = options
  let ended = false

  const look = async () => {
    const tables = await client.query<{ name: string }>(tablesToVacuum, [maxDeadRows])
    for (const { name } of tables.rows) await client.exec(`vacuum ${name}`)
    const changed = await client.query<{ name: string }>(tablesToAnalyze, [maxChangedRows])
    for (const { name } of changed.rows) await client.exec(`analyze ${name}`)
    const log = await client.query<{ bytes: number }>(logSinceCheckpoint)
    if ((log.rows[0]?.bytes ?? 0) > maxLogBytes) await client.exec('checkpoint')
  }

  let timer: ReturnType<typeof setTimeout> | undefined
  const schedule = () => {
    if (ended) return
    timer = setTimeout(() => void look().then(schedule, schedule), intervalMs)
    timer.unref()
  }
  schedule()
  return () => {
    ended = true
    clearTimeout(timer)
  }
}
