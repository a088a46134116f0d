/**
 * Prints what TokMesh does with validate and create over HTTP, on the embedded database and on PostgreSQL, with the
 * raw driver beside it that runs the same statements with as many callers; then its start and its idle memory.
 * TokMesh runs under the runtime that runs this.
 *
 *     node bench/tokmesh.mjs
 *     bun bench/tokmesh.mjs
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '@honoscope/testing/postgres'
import { drive, tool } from './load.mjs'
import { inTurn, median, progress, table } from './measure.mjs'
import { rawPglite, rawPostgres } from './raw-driver.mjs'
import { startTokMesh } from './tokmesh-process.mjs'

const rounds = 5
const seconds = 1
const connections = 50

/** Sessions that are validated. */
const sessionCount = 500

/**
 * A TokMesh to be driven, with sessions in it.
 *
 * @param {Readonly<Record<string, string>>} environment
 */
async function prepare(environment) {
  const node = await startTokMesh(environment)
  const headers = { authorization: `Bearer ${await node.newKey('issuer')}`, 'content-type': 'application/json' }
  const tokens = await Promise.all(
    Array.from({ length: sessionCount }, async (_, i) => {
      const { token } = await node.call('/sessions', { user_id: `warm-${i}`, ttl_seconds: 3600 }, headers)
      return token
    }),
  )
  const post = { method: 'POST', headers, connections, seconds }
  return {
    node,
    tokens,
    validate: () =>
      drive({ ...post, url: `${node.url}/tokens/validate`, bodies: tokens.map((token) => JSON.stringify({ token })) }),
    create: () => drive({ ...post, url: `${node.url}/sessions`, bodies: ['{"user_id":"user-{n}"}'] }),
  }
}

/**
 * Drives TokMesh and the raw driver in turn.
 *
 * @param {string} name
 * @param {Awaited<ReturnType<typeof prepare>>} service
 * @param {import('./raw-driver.mjs').RawDriver} raw
 */
async function measureDatabase(name, { node, validate, create }, raw) {
  progress(`tokmesh: ${name}, ${rounds} rounds of ${4 * seconds} s …`)
  const through = (/** @type {() => Promise<import('./load.mjs').Load>} */ run) => async () => {
    const before = node.usage().cpuMs
    const load = await run()
    return { ...load, cpuUs: ((node.usage().cpuMs - before) * 1000) / load.requests }
  }
  const alone = (/** @type {() => Promise<unknown>} */ query) => async () => ({
    ...(await repeat(query)),
    cpuUs: Number.NaN,
  })
  const subjects = {
    'validate, TokMesh': through(validate),
    'validate, raw driver': alone(raw.validate),
    'create, TokMesh': through(create),
    'create, raw driver': alone(raw.create),
  }
  const results = await inTurn(subjects, (run) => run(), { rounds, warmUp: 1 })
  const idle = median(results['validate, TokMesh']?.map(() => node.usage().rssMiB) ?? [])
  return Object.entries(results).map(([what, all]) => {
    const rawOnes = results[what.replace('TokMesh', 'raw driver')] ?? []
    const ratio = median(all.map(({ perSecond }, i) => perSecond / (rawOnes[i]?.perSecond ?? Number.NaN)))
    const of = (/** @type {'perSecond' | 'p50Ms' | 'p99Ms' | 'cpuUs'} */ key) => median(all.map((one) => one[key]))
    return [
      `${name}: ${what}`,
      of('perSecond').toFixed(0),
      what.endsWith('TokMesh') ? ratio.toFixed(2) : '',
      of('p50Ms').toFixed(1),
      of('p99Ms').toFixed(1),
      what.endsWith('TokMesh') ? of('cpuUs').toFixed(0) : '',
      what.endsWith('TokMesh') ? idle.toFixed(0) : '',
    ]
  })
}

/**
 * Runs a query again and again for some seconds, with as many callers as there are connections.
 *
 * @param {() => Promise<unknown>} query
 */
async function repeat(query) {
  /** @type {number[]} */
  const times = []
  const started = performance.now()
  const caller = async () => {
    for (;;) {
      const begun = performance.now()
      if (begun - started > seconds * 1000) return
      await query()
      times.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: connections }, caller))
  const perSecond = (times.length * 1000) / (performance.now() - started)
  times.sort((a, b) => a - b)
  const at = (/** @type {number} */ part) => times[Math.floor(times.length * part)] ?? Number.NaN
  return { perSecond, requests: times.length, p50Ms: at(0.5), p99Ms: at(0.99) }
}

const folder = mkdtempSync(join(tmpdir(), 'honoscope-bench-'))
const postgresServer = await startPostgres()
const starts = []
const loads = []
try {
  const own = { TOKMESH_STORAGE_DATA_DIR: join(folder, 'own') }
  const external = { TOKMESH_STORAGE_DATA_DIR: join(folder, 'node'), DATABASE_URL: postgresServer.url }
  for (const [name, environment] of Object.entries({ embedded: own, PostgreSQL: external })) {
    for (const state of ['nothing there', 'all there']) {
      progress(`tokmesh: start, ${name}, ${state} …`)
      const node = await startTokMesh(environment)
      await new Promise((resolve) => setTimeout(resolve, 1500))
      starts.push([`${name}, ${state}`, (node.readyMs / 1000).toFixed(2), node.usage().rssMiB.toFixed(0)])
      await node.stop()
    }
  }
  // Two processes can't have one folder.
  cpSync(join(folder, 'own', 'pglite'), join(folder, 'raw'), { recursive: true })
  for (const [name, environment, openRaw] of [
    ['embedded', own, () => rawPglite(join(folder, 'raw'))],
    ['PostgreSQL', external, () => rawPostgres(postgresServer.url)],
  ]) {
    const service = await prepare(environment)
    const raw = await openRaw()
    await raw.load(sessionCount)
    loads.push(...(await measureDatabase(name, service, raw)))
    await raw.close()
    await service.node.stop()
  }
} finally {
  await postgresServer.stop()
  rmSync(folder, { recursive: true, force: true })
}

const head = [
  'what',
  'calls/s',
  'of the raw driver',
  'P50, ms',
  'P99, ms',
  "TokMesh's CPU a call, µs",
  "TokMesh's RSS, MiB",
]
table(`TokMesh over HTTP, ${connections} connections, ${tool}`, head, loads)
table('TokMesh: start', ['what', 'start to ready, s', 'RSS when idle, MiB'], starts)
process.exit()
