/**
 * Prints what TokMesh does over HTTP, on the embedded database, as one node and as a cluster of three on PostgreSQL,
 * each beside a plain service (`plain-service.mjs`) and the raw driver with the same statements and as many callers;
 * then its start and its idle memory. Everything runs under the runtime that runs this.
 *
 *     node bench/tokmesh.mjs --seconds 2    seconds of load for each number, in slices of one, in turn
 *     bun bench/tokmesh.mjs
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '@honoscope/testing/postgres'
import { tool } from './load.mjs'
import { inTurn, median, option, progress, table } from './measure.mjs'
import { startTokMesh } from './tokmesh-process.mjs'
import { hotTokens, insertSessions, restoreSessions } from './tokmesh-sessions.mjs'
import { connections, startNodes, startPlain, startRaw } from './tokmesh-subjects.mjs'

/** @typedef {import('./tokmesh-subjects.mjs').Work} Work */
/** @typedef {import('./tokmesh-subjects.mjs').Subject} Subject */

const rounds = option('seconds', 2)

/** Sessions that are there to be validated or revoked once; more than a slice of a second can name. */
const spare = 40_000

/** @type {Record<Work, string>} */
const titles = {
  validate: 'validate, from memory',
  few: 'the same, 4 connections',
  miss: 'validate, not in memory',
  create: 'create',
  mixed: '70 % validate, 30 % create',
  revoke: 'revoke',
  sync: 'revoke, sync',
}

/** @type {(string | number)[][]} */
const rows = []

/**
 * Drives the subjects in turn, work by work, and adds a row for each.
 *
 * @param {string} where
 * @param {readonly Subject[]} subjects the first is TokMesh, the last the raw driver
 * @param {readonly Work[]} works
 * @param {(work: Work) => Promise<void>} after puts back what a slice has used up
 */
async function measure(where, subjects, works, after) {
  const pairs = works.flatMap((work) =>
    // What only TokMesh has.
    subjects.slice(0, work === 'few' || work === 'sync' ? 1 : undefined).map((subject) => ({ work, subject })),
  )
  progress(`tokmesh: ${where}, ${pairs.length} × ${rounds + 1} s …`)
  const named = Object.fromEntries(pairs.map((pair) => [`${pair.work} ${pair.subject.name}`, pair]))
  const results = await inTurn(
    named,
    async ({ work, subject }) => {
      const measured = await subject.run(work, 1).catch((error) => {
        throw new Error(`${where}, ${subject.name}, ${titles[work]}: ${error.message}`)
      })
      await after(work)
      return measured
    },
    { rounds, warmUp: 1 },
  )
  for (const [name, { work, subject }] of Object.entries(named)) {
    const all = results[name] ?? []
    const of = (/** @type {'perSecond' | 'p50Ms' | 'p95Ms' | 'p99Ms' | 'cpuUs'} */ key) =>
      median(all.map((one) => one[key]))
    const ratioTo = (/** @type {string} */ other) => {
      const others = results[`${work === 'few' ? 'validate' : work === 'sync' ? 'revoke' : work} ${other}`]
      if (others === undefined || subject.name === other) return ''
      return median(all.map(({ perSecond }, i) => perSecond / (others[i]?.perSecond ?? Number.NaN))).toFixed(2)
    }
    rows.push([
      `${where}: ${titles[work]}`,
      subject.name,
      of('perSecond').toFixed(0),
      ratioTo('raw driver'),
      ratioTo('plain Hono + Drizzle'),
      ...[of('p50Ms'), of('p95Ms'), of('p99Ms')].map((ms) => ms.toFixed(1)),
      of('cpuUs').toFixed(0),
      subject.rssMiB().toFixed(0),
      all.reduce((sum, { errors }) => sum + errors, 0),
    ])
  }
}

const folder = mkdtempSync(join(tmpdir(), 'honoscope-bench-'))
const server = await startPostgres()
const starts = []
try {
  const own = { TOKMESH_STORAGE_DATA_DIR: join(folder, 'own') }
  const external = (/** @type {number} */ i) => ({
    TOKMESH_STORAGE_DATA_DIR: join(folder, `node-${i}`),
    DATABASE_URL: server.url,
  })
  for (const [name, environment] of Object.entries({ embedded: own, PostgreSQL: external(0) })) {
    for (const state of ['nothing there', 'all there']) {
      progress(`tokmesh: start, ${name}, ${state} …`)
      const node = await startTokMesh(environment)
      await new Promise((resolve) => setTimeout(resolve, 1500))
      starts.push([`${name}, ${state}`, (node.readyMs / 1000).toFixed(2), node.usage().rssMiB.toFixed(0)])
      await node.stop()
    }
  }
  await measureEmbedded(own)
  await insertSessions(server.url, spare)
  for (const count of [1, 3]) {
    const { subject } = await startNodes(count, external)
    const subjects = [subject, await startPlain(count, server.url), await startRaw(count, server.url)]
    /** @type {Work[]} */
    const works = ['validate', 'few', 'miss', 'create', 'mixed', 'revoke', 'sync']
    await measure(count === 1 ? 'one node' : `${count} nodes`, subjects, works, async (work) => {
      if (work === 'revoke' || work === 'sync') await restoreSessions(server.url)
      // Nothing of what was named once may be in memory when it is named again.
      if (work === 'miss') await forget()
    })
    await Promise.all(subjects.map((one) => one.stop()))
  }
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** @param {Readonly<Record<string, string>>} environment */
async function measureEmbedded(environment) {
  // Two processes can't have one folder.
  const copy = join(folder, 'raw')
  cpSync(join(folder, 'own', 'pglite'), copy, { recursive: true })
  const { nodes, key, subject } = await startNodes(1, () => environment)
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  await Promise.all(
    hotTokens.map((token, i) =>
      nodes[0]?.call('/sessions', { user_id: `hot-${i}`, token, ttl_seconds: 3600 }, headers),
    ),
  )
  const subjects = [subject, await startRaw(1, copy)]
  await measure('embedded', subjects, ['validate', 'few', 'create', 'mixed'], async () => {})
  await Promise.all(subjects.map((one) => one.stop()))
}

/** Has all nodes forget what they know. */
async function forget() {
  const { default: postgres } = await import('postgres')
  const sql = postgres(server.url, { max: 1, fetch_types: false })
  await sql`select tokmesh_note_changes('a', '{}')`
  await sql.end()
}

const head = [
  ...['what', 'who', 'calls/s', 'of the raw driver', 'of plain'],
  ...['P50, ms', 'P95, ms', 'P99, ms', 'CPU a call, µs', 'RSS, MiB', 'failed calls'],
]
table(
  `TokMesh, ${connections} connections, ${tool}; load tool, database and servers share ${cpus().length} cores`,
  head,
  rows,
)
table('TokMesh: start', ['what', 'start to ready, s', 'RSS when idle, MiB'], starts)

const budget = (/** @type {string} */ what) => rows.find(([name, who]) => name === what && who === 'TokMesh') ?? []
const [, , nine, , , , , nineMs] = budget(`one node: ${titles.validate}`)
const [, , , , , , , fewMs] = budget(`one node: ${titles.few}`)
const [, , ten, ofRaw, ofPlain, , , tenMs] = budget(`one node: ${titles.mixed}`)
table(
  'TokMesh: budgets',
  ['what', 'budget', 'here'],
  [
    [
      'nine: validate from memory, one node',
      '≥ 20,000/s, P99 < 2 ms',
      `${nine}/s, P99 ${nineMs} ms; over 4 connections ${fewMs} ms`,
    ],
    [
      'ten: mixed over PostgreSQL, one node',
      '≥ 10,000/s, P99 < 10 ms on a server',
      `${ten}/s, P99 ${tenMs} ms; ${ofRaw} of the raw driver, ${ofPlain} of plain`,
    ],
  ],
)
process.exit()
