/**
 * Prints what a search of TokMesh costs with 10,000 sessions and with 1,000,000, over PostgreSQL: the whole request over
 * HTTP, which counts all matches, and what the server reads for the sessions of the page. TokMesh runs under the runtime
 * that runs this.
 *
 *     node bench/search.mjs
 *     bun bench/search.mjs
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres, testDatabase } from '@honoscope/testing/postgres'
import { openDatabase } from '../apps/tokmesh/dist/store/database.js'
import { migrate } from '../apps/tokmesh/dist/store/migrate.js'
import { insertMany } from '../apps/tokmesh/dist/testing/many-sessions.js'
import { openPlans } from '../apps/tokmesh/dist/testing/plans.js'
import { defaultSearch } from '../apps/tokmesh/dist/testing/search-cases.js'
import { inTurn, median, progress, table } from './measure.mjs'
import { startTokMesh } from './tokmesh-process.mjs'

const rounds = 15

/** @typedef {Partial<import('../apps/tokmesh/dist/domain/search.js').SessionSearch>} Search */

/** By what it is: the query over HTTP, and the same for the store. */
/** @type {Record<string, [string, Search]>} */
const searches = {
  'page 1': ['', {}],
  'page 1, oldest first': ['sort_order=asc', { descending: false }],
  'page 1 by last_active': ['sort_by=last_active', { sortBy: 'lastActive' }],
  'page 1, expired': ['status=expired', { status: 'expired' }],
  'page 1 of a user': ['user_id=user-7', { userId: 'user-7' }],
  'page 1 of a device': ['device_id=web', { deviceId: 'web' }],
  'page 1 of a network': ['ip_address=2001:db8:5::/48', { network: '2001:db8:5::/48' }],
  'half way, 100 a page': ['half', { limit: 100 }],
  'past the end': ['page=90000000', { offset: 1_800_000_000 }],
}

const folder = mkdtempSync(join(tmpdir(), 'honoscope-bench-'))

/** @param {number} count */
async function prepare(count) {
  progress(`search: ${count} sessions …`)
  const { url, drop } = await testDatabase()
  const now = Date.now()
  const database = await openDatabase({ url, dataDir: 'memory://' })
  await migrate(database)
  await insertMany(database, count, now)
  const plans = openPlans(url, database, now)
  await plans.unsafe('vacuum analyze sessions')
  const node = await startTokMesh({ DATABASE_URL: url, TOKMESH_STORAGE_DATA_DIR: join(folder, String(count)) })
  const headers = { authorization: `Bearer ${await node.newKey('admin')}` }
  const half = Math.floor((count * 0.8) / 200)
  return {
    /** @param {string} query */
    async time(query) {
      const started = performance.now()
      const parameters = query === 'half' ? `page=${half}&size=100` : query
      const response = await fetch(`${node.url}/sessions?${parameters}`, { headers })
      const { code } = await response.json()
      if (code !== 'OK') throw new Error(`${query}: ${code}`)
      return performance.now() - started
    },
    /** @param {Search} search */
    async reads(search) {
      const offset = search.limit === 100 ? (half - 1) * 100 : 0
      return (await plans.read({ ...defaultSearch, offset, ...search })).page
    },
    async close() {
      await node.stop()
      await plans.end()
      await database.close()
      await drop()
    },
  }
}

const server = await startPostgres()
process.env.TEST_DATABASE_URL = server.url
/** @type {Record<string, Awaited<ReturnType<typeof prepare>>>} */
const sizes = {}
try {
  for (const count of [10_000, 1_000_000]) sizes[count] = await prepare(count)
  const rows = []
  for (const [name, [query, search]] of Object.entries(searches)) {
    const times = await inTurn(sizes, (size) => size.time(query), { rounds, warmUp: 3 })
    const [small = Number.NaN, large = Number.NaN] = Object.values(times).map(median)
    const reads = []
    for (const size of Object.values(sizes)) reads.push(await size.reads(search))
    rows.push([name, small.toFixed(1), large.toFixed(1), (large / small).toFixed(1), ...reads])
  }
  table(
    'A search with 10,000 sessions and with 1,000,000',
    ['', '10 k, ms', '1 M, ms', 'ratio', '10 k: blocks for the page', '1 M: blocks for the page'],
    rows,
  )
} finally {
  for (const size of Object.values(sizes)) await size.close()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
