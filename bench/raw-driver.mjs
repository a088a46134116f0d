/**
 * What TokMesh's statements cost without TokMesh: the same text, sent through the bare driver.
 *
 * @module
 */
import { createHash, randomBytes } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import postgres from 'postgres'
import { hotCount, missFirst, missId, missToken } from './tokmesh-sessions.mjs'

/**
 * One call of each kind; those that take a number are given another each time, from `missFirst` up.
 *
 * @typedef {'validate' | 'miss' | 'create' | 'mixed' | 'revoke'} Work
 * @typedef {Record<Work, (n: number) => Promise<unknown>> & {
 *   load(): Promise<void>,
 *   close(): Promise<void>,
 * }} RawDriver
 */

const select = 'select * from sessions where token_hash = $1'
/** Counts the user's sessions under a lock and inserts: one statement, one transaction, as TokMesh does it. */
const insert = `select outcome, active from tokmesh_create_session($1, $2, $3, '127.0.0.1', '', '',
  'tmak-01hzzzzzzzzzzzzzzzzzzzzzza', $4, $5, '{}', 1, 7200, 50)`
/** With what the triggers of the table do: number the change and tell of it. */
const end = `update sessions set is_deleted = true, revoked_at = $2
  where id = $1 and revoked_at = 0 and expires_at > $2 returning *`

/**
 * @param {(text: string, parameters: (string | number)[]) => Promise<unknown>} query
 * @param {() => Promise<void>} close
 * @returns {RawDriver}
 */
function driver(query, close) {
  /** @type {string[]} */
  const hashes = []
  let turn = 0
  const create = (hash = newHash()) => {
    const now = Date.now()
    const id = `tmss-${randomBytes(13).toString('hex')}`
    return query(insert, [id, `raw-${randomBytes(8).toString('hex')}`, hash, now, now + 7_200_000])
  }
  const validate = () => query(select, [hashes[turn++ % hashes.length] ?? ''])
  return {
    async load() {
      for (let i = 0; i < hotCount; i++) hashes.push(newHash())
      await Promise.all(hashes.map((hash) => create(hash)))
    },
    validate,
    miss: (n) => query(select, [hashOf(missToken(n))]),
    create: () => create(),
    mixed: (n) => (n % 10 < 7 ? validate() : create()),
    revoke: (n) => query(end, [missId(n), Date.now()]),
    close,
  }
}

const newHash = () => `tmth_${randomBytes(32).toString('hex')}`
const hashOf = (/** @type {string} */ token) => `tmth_${createHash('sha256').update(token).digest('hex')}`

/**
 * postgres.js with as many connections as TokMesh has, and prepared statements.
 *
 * @param {string} url
 */
function rawPostgres(url) {
  const sql = postgres(url, { max: 10, fetch_types: false, onnotice: () => {} })
  return driver(
    (text, parameters) => sql.unsafe(text, parameters, { prepare: true }),
    () => sql.end(),
  )
}

/**
 * PGlite in this process.
 *
 * @param {string} folder one that TokMesh has made
 */
async function rawPglite(folder) {
  const client = await PGlite.create(folder)
  return driver(
    (text, parameters) => client.query(text, parameters),
    () => client.close(),
  )
}

/**
 * Runs a call again and again for some seconds, with so many callers, and resolves to what each took, in ms.
 *
 * @param {(n: number) => Promise<unknown>} call
 * @param {{ seconds: number, callers: number, lane: number, lanes: number }} how
 */
async function repeat(call, { seconds, callers, lane, lanes }) {
  /** @type {number[]} */
  const times = []
  const started = performance.now()
  let n = missFirst + lane
  const caller = async () => {
    for (;;) {
      const begun = performance.now()
      if (begun - started > seconds * 1000) return
      const mine = n
      n += lanes
      await call(mine)
      times.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return { times, elapsedMs: performance.now() - started }
}

/** Carries out what the parent asks for: {@link file://./tokmesh-subjects.mjs}. */
export async function serveParent(/** @type {string} */ target) {
  const raw = target.startsWith('postgres') ? rawPostgres(target) : await rawPglite(target)
  await raw.load()
  process.on('message', async (/** @type {any} */ { work, ...how }) => {
    process.send?.(await repeat(raw[/** @type {Work} */ (work)], how))
  })
  process.once('disconnect', () => process.exit())
  process.send?.('ready')
}

if (process.argv[2] !== undefined && process.argv[1]?.endsWith('raw-driver.mjs')) await serveParent(process.argv[2])
