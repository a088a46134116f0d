/**
 * What TokMesh's statements cost without TokMesh: the same text, sent through the bare driver.
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import postgres from 'postgres'

/**
 * @typedef {{
 *   load(count: number): Promise<void>,
 *   validate(): Promise<unknown>,
 *   create(): Promise<unknown>,
 *   close(): Promise<void>,
 * }} RawDriver
 */

const select = 'select * from sessions where token_hash = $1'
/** Counts the user's sessions under a lock and inserts: one statement, one transaction, as TokMesh does it. */
const insert = `select outcome, active from tokmesh_create_session($1, $2, $3, '127.0.0.1', '', '',
  'tmak-01hzzzzzzzzzzzzzzzzzzzzzza', $4, $5, '{}', 1, 7200, 50)`

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
  return {
    async load(count) {
      for (let i = 0; i < count; i++) hashes.push(newHash())
      await Promise.all(hashes.map((hash) => create(hash)))
    },
    validate: () => query(select, [hashes[turn++ % hashes.length] ?? '']),
    create: () => create(),
    close,
  }
}

const newHash = () => `tmth_${randomBytes(32).toString('hex')}`

/**
 * postgres.js with as many connections as TokMesh has, and prepared statements.
 *
 * @param {string} url
 */
export async function rawPostgres(url) {
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
export async function rawPglite(folder) {
  const client = await PGlite.create(folder)
  return driver(
    (text, parameters) => client.query(text, parameters),
    () => client.close(),
  )
}
