/**
 * Prints what a session takes of PostgreSQL: bytes of its row and of its entry in each index, after `--sessions`
 * (default 200,000) of them; WAL of each write in its life, with and without the pages that are written whole
 * after a checkpoint; and what one connection of a pool takes of the server's memory.
 *
 *     node bench/cluster-sizes.mjs
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { startPostgres } from '@honoscope/testing/postgres'
import postgres from 'postgres'
import { option, progress, table } from './measure.mjs'
import { startTokMesh } from './tokmesh-process.mjs'
import { insertSessions, missFirst, missId } from './tokmesh-sessions.mjs'

const sessions = option('sessions', 200_000)
const calls = 3000

/** @param {postgres.Sql} sql */
async function sizes(sql) {
  const relations = await sql`
    select coalesce(i.relname, 'row, with its page''s free part') as name,
      pg_relation_size(coalesce(i.oid, t.oid))::float8 / (select count(*) from sessions) as bytes
    from pg_class t
    cross join lateral (select null::oid as oid union all select indexrelid from pg_index where indrelid = t.oid) x
    left join pg_class i on i.oid = x.oid
    where t.relname = 'sessions' and t.relkind = 'r'
    order by i.relname nulls first`
  const total = relations.reduce((sum, { bytes }) => sum + bytes, 0)
  return [...relations, { name: 'together', bytes: total }].map(({ name, bytes }) => [name, bytes.toFixed(0)])
}

/**
 * WAL of one kind of write.
 *
 * @param {postgres.Sql} sql
 * @param {(n: number) => Promise<unknown>} write
 */
async function wal(sql, write) {
  const now = async () => {
    const [row] = await sql`select wal_bytes::float8 as bytes, wal_fpi::float8 as pages from pg_stat_wal`
    return { bytes: row?.bytes ?? 0, pages: row?.pages ?? 0 }
  }
  const costs = []
  for (const whole of ['off', 'on']) {
    await sql.unsafe(`alter system set full_page_writes = ${whole}`)
    await sql`select pg_reload_conf()`
    await sql`checkpoint`
    await settle(sql)
    const before = await now()
    for (let i = 0; i < calls; i++) await write(i + (whole === 'on' ? calls : 0))
    await settle(sql)
    const after = await now()
    costs.push({ bytes: (after.bytes - before.bytes) / calls, pages: (after.pages - before.pages) / calls })
  }
  const [without, withPages] = costs
  return [without?.bytes.toFixed(0), withPages?.bytes.toFixed(0), withPages?.pages.toFixed(1)].map((cell) => cell ?? '')
}

/** Backends hand in what they counted when they are idle. */
async function settle(/** @type {postgres.Sql} */ sql) {
  await sql`select pg_stat_force_next_flush()`
  await new Promise((resolve) => setTimeout(resolve, 1100))
  await sql`select pg_stat_clear_snapshot()`
}

/**
 * Memory that so many connections have of their own, each after it has done TokMesh's work; NaN off Linux.
 *
 * @param {string} url
 * @param {number} count
 */
async function connectionKiB(url, count) {
  const sql = postgres(url, { max: count, fetch_types: false, onnotice: () => {} })
  const pids = new Set()
  const work = async () => {
    const [row] = await sql.unsafe('select pg_backend_pid() as pid, pg_sleep(0.05)')
    pids.add(row?.pid)
    await sql.unsafe('select * from sessions where token_hash = $1', [`tmth_${'0'.repeat(64)}`], { prepare: true })
    await create(sql)
  }
  await Promise.all(Array.from({ length: count * 4 }, work))
  const own = [...pids].map((pid) => privateKiB(Number(pid)))
  await sql.end()
  return own.reduce((sum, each) => sum + each, 0) / own.length
}

function privateKiB(/** @type {number} */ pid) {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return [...text.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].reduce((sum, [, kiB]) => sum + Number(kiB), 0)
  } catch {
    return Number.NaN
  }
}

/** @param {postgres.Sql} sql */
function create(sql) {
  const now = Date.now()
  const text = `select outcome from tokmesh_create_session($1, $2, $3, '10.1.2.3', $4, $5,
    'tmak-01hzzzzzzzzzzzzzzzzzzzzzza', $6, $7, '{"role":"user"}', 1, 7200, 50)`
  const hex = (/** @type {number} */ bytes) => randomBytes(bytes).toString('hex')
  const agent = `Mozilla/5.0 (X11; Linux x86_64) ${hex(33)}`
  const values = [`tmss-${hex(13)}`, `user-${hex(16)}`, `tmth_${hex(32)}`, agent, hex(16), now, now + 7_200_000]
  return sql.unsafe(text, values, { prepare: true })
}

const server = await startPostgres({ settings: { autovacuum: 'off', max_wal_size: '8GB', checkpoint_timeout: '1h' } })
try {
  const node = await startTokMesh({ DATABASE_URL: server.url, TOKMESH_STORAGE_DATA_DIR: 'memory://' })
  await node.stop()
  progress(`sizes: ${sessions} sessions …`)
  await insertSessions(server.url, sessions)
  const sql = postgres(server.url, { max: 1, fetch_types: false, onnotice: () => {} })
  table(`A session in PostgreSQL, ${sessions} of them`, ['what', 'bytes'], await sizes(sql))
  // Spread over the table, as users are.
  const idOf = (/** @type {number} */ n) => missId(missFirst + ((n * 7919) % sessions))
  const touch = (/** @type {number} */ n) =>
    sql.unsafe('update sessions set last_active = $2, version = version + 1 where id = $1', [idOf(n), Date.now()])
  const revoke = (/** @type {number} */ n) =>
    sql.unsafe('update sessions set is_deleted = true, revoked_at = $2 where id = $1', [idOf(n), Date.now()])
  const rows = []
  const spread = (/** @type {string} */ statement) => (/** @type {number} */ n) =>
    // Others than those that were revoked.
    sql.unsafe(statement, [missId(missFirst + ((n * 7919 + sessions / 2) % sessions))])
  const flag = spread('update sessions set is_deleted = true where id = $1')
  const remove = spread('delete from sessions where id = $1')
  const writes = { create: () => create(sql), touch, revoke, 'sweep (flag)': flag, 'sweep (removal)': remove }
  for (const [what, write] of Object.entries(writes)) {
    progress(`sizes: WAL of ${calls} × ${what} …`)
    rows.push([what, ...(await wal(sql, write))])
  }
  const head = ['what', 'bytes of WAL', 'bytes, after a checkpoint', 'of them whole pages']
  table('WAL of one transaction', head, rows)
  const kiB = await connectionKiB(server.url, 20)
  table('Memory', ['what', 'KiB'], [['a connection of a pool, private', kiB.toFixed(0)]])
  await sql.end()
} finally {
  await server.stop()
}
process.exit()
