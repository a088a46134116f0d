/**
 * What is measured side by side: TokMesh, the plain service and the raw driver, as one process or as several.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drive, usageOf } from './load.mjs'
import { startServer } from './server-process.mjs'
import { startTokMesh } from './tokmesh-process.mjs'
import { hotTokens, missFirst, missId, missToken } from './tokmesh-sessions.mjs'

/** Calls under way at a time, over all processes. */
export const connections = 48

/**
 * @typedef {import('./raw-driver.mjs').Work | 'few' | 'sync'} Work `few`: validate over four connections; `sync`: a
 *   revoke that waits for the others
 * @typedef {import('./load.mjs').Load & { cpuUs: number }} Measured `cpuUs`: of all its processes, for each call
 * @typedef {{
 *   name: string,
 *   run(work: Work, seconds: number): Promise<Measured>,
 *   rssMiB(): number,
 *   stop(): Promise<void>,
 * }} Subject
 */

const validate = (/** @type {string} */ token) => ({ path: '/tokens/validate', body: JSON.stringify({ token }) })
const create = { path: '/sessions', body: '{"user_id":"user-{n}"}' }
const revoke = (/** @type {boolean} */ sync) => ({
  path: `/sessions/${missId('{n}')}/revoke`,
  body: JSON.stringify({ sync }),
})

/** A 503 of a node that waits too long for the database is told in the table; more of them are a fault. */
const tolerant = { tolerated: 0.05 }

/** Seven validations and three creates in a row of ten, over and over. */
const mixed = hotTokens.map((token, i) => ([2, 5, 8].includes(i % 10) ? create : validate(token)))

/** @type {Record<Work, Omit<import('./load.mjs').Plan, 'url' | 'seconds'>>} */
const plans = {
  validate: { bodies: hotTokens.map(validate) },
  few: { bodies: hotTokens.map(validate), connections: 4 },
  miss: { bodies: [validate(missToken('{n}'))], first: missFirst },
  create: { bodies: [create] },
  mixed: { bodies: mixed },
  revoke: { bodies: [revoke(false)], first: missFirst },
  sync: { bodies: [revoke(true)], first: missFirst },
}

/**
 * Servers that are driven over HTTP.
 *
 * @param {string} name
 * @param {readonly { url: string, usage: typeof usageOf extends (pid: number) => infer U ? () => U : never,
 *   stop(): Promise<void> }[]} servers
 * @param {string} key
 * @returns {Subject}
 */
function overHttp(name, servers, key) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const cpuMs = () => servers.reduce((sum, { usage }) => sum + usage().cpuMs, 0)
  return {
    name,
    async run(work, seconds) {
      const before = cpuMs()
      const url = servers.map(({ url }) => `${url}/`)
      const load = await drive({ url, method: 'POST', headers, seconds, connections, ...tolerant, ...plans[work] })
      return { ...load, cpuUs: ((cpuMs() - before) * 1000) / load.requests }
    },
    rssMiB: () => servers.reduce((sum, { usage }) => sum + usage().rssMiB, 0),
    async stop() {
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}

/**
 * TokMesh as a cluster of so many nodes, or as one process without a cluster.
 *
 * @param {number} count
 * @param {(i: number) => Readonly<Record<string, string>>} environmentOf
 */
export async function startNodes(count, environmentOf) {
  const nodes = []
  // One after the other: the first makes the tables.
  for (let i = 0; i < count; i++) nodes.push(await startTokMesh(environmentOf(i), { isMember: count > 1 }))
  const [first] = nodes
  if (!first) throw new RangeError('no nodes')
  const key = await first.newKey('issuer')
  return { nodes, key, subject: overHttp('TokMesh', nodes, key) }
}

/**
 * @param {number} count
 * @param {string} databaseUrl
 */
export async function startPlain(count, databaseUrl) {
  const key = 'a-constant-key-of-the-benchmark'
  const command = [fileURLToPath(new URL('plain-service.mjs', import.meta.url))]
  const start = () =>
    startServer((port) => ({
      command,
      environment: { PORT: String(port), DATABASE_URL: databaseUrl, KEY: key },
      readyPath: '/health',
    }))
  return overHttp('plain Hono + Drizzle', await Promise.all(Array.from({ length: count }, start)), key)
}

/**
 * @param {number} count
 * @param {string} target URL of a PostgreSQL, or folder of a PGlite
 * @returns {Promise<Subject>}
 */
export async function startRaw(count, target) {
  const children = await Promise.all(Array.from({ length: count }, () => startRawProcess(target)))
  const cpuMs = () => children.reduce((sum, { usage }) => sum + usage().cpuMs, 0)
  return {
    name: 'raw driver',
    async run(work, seconds) {
      const before = cpuMs()
      const how = { work, seconds, callers: Math.floor(connections / count), lanes: count }
      const answers = await Promise.all(children.map(({ ask }, lane) => ask({ ...how, lane })))
      const perSecond = answers.reduce((sum, { times, elapsedMs }) => sum + (times.length * 1000) / elapsedMs, 0)
      const times = answers.flatMap(({ times }) => times).sort((one, other) => one - other)
      const at = (/** @type {number} */ part) => times[Math.floor(times.length * part)] ?? Number.NaN
      const cpuUs = ((cpuMs() - before) * 1000) / times.length
      return { perSecond, requests: times.length, errors: 0, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), cpuUs }
    },
    rssMiB: () => children.reduce((sum, { usage }) => sum + usage().rssMiB, 0),
    async stop() {
      await Promise.all(children.map((child) => child.stop()))
    },
  }
}

/** @param {string} target */
async function startRawProcess(target) {
  const file = join(fileURLToPath(new URL('.', import.meta.url)), 'raw-driver.mjs')
  const child = spawn(process.execPath, [file, target], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const end = new Promise((resolve) => child.once('close', resolve))
  /** @returns {Promise<any>} */
  const next = () =>
    Promise.race([
      new Promise((resolve) => child.once('message', resolve)),
      end.then(() => Promise.reject(new Error('the raw driver ended'))),
    ])
  await next()
  return {
    /**
     * @param {object} how
     * @returns {Promise<{ times: number[], elapsedMs: number }>}
     */
    ask(how) {
      const answer = next()
      child.send(how)
      return answer
    },
    usage: () => usageOf(child.pid ?? 0),
    async stop() {
      child.kill('SIGKILL')
      await end
    },
  }
}
