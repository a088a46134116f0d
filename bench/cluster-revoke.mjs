/**
 * Prints how long a revoke takes over three nodes on one PostgreSQL, one at a time: to its answer, asynchronous and
 * synchronous, and from its answer until each of the others refuses the token that it had in memory. How many there
 * can be a second is in `tokmesh.mjs`. The nodes run under the runtime that runs this.
 *
 *     node bench/cluster-revoke.mjs --seconds 3
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '@honoscope/testing/postgres'
import { option, progress, table } from './measure.mjs'
import { insertSessions, missFirst, missId, missToken } from './tokmesh-sessions.mjs'
import { startNodes } from './tokmesh-subjects.mjs'

const seconds = option('seconds', 3)
const spare = 20_000

const folder = mkdtempSync(join(tmpdir(), 'honoscope-bench-'))
const server = await startPostgres()
/** @type {(string | number)[][]} */
const rows = []
try {
  const environment = (/** @type {number} */ i) => ({
    TOKMESH_STORAGE_DATA_DIR: join(folder, `node-${i}`),
    DATABASE_URL: server.url,
  })
  const { nodes, key, subject } = await startNodes(3, environment)
  await insertSessions(server.url, spare)
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const [first, ...others] = nodes.map(({ url }) => url)
  const post = async (/** @type {string} */ url, /** @type {object} */ body) => {
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    await response.arrayBuffer()
    return response.status
  }
  const validate = (/** @type {string | undefined} */ url, /** @type {number} */ n) =>
    post(`${url}/tokens/validate`, { token: missToken(n) })

  let n = missFirst
  for (const sync of [false, true]) {
    progress(`revoke: sync ${sync}, ${seconds} s …`)
    /** @type {number[]} */
    const answers = []
    /** @type {number[]} */
    const refusals = []
    let accepted = 0
    const started = performance.now()
    while (performance.now() - started < seconds * 1000) {
      n++
      // Twice: what is in memory after the first answers the second.
      for (let i = 0; i < 2; i++) await Promise.all([first, ...others].map((url) => validate(url, n)))
      const begun = performance.now()
      const status = await post(`${first}/sessions/${missId(n)}/revoke`, { sync })
      const answered = performance.now()
      if (status !== 200) throw new Error(`a revoke was answered with ${status}`)
      answers.push(answered - begun)
      const refused = async (/** @type {string} */ url) => {
        for (;;) {
          const asked = performance.now()
          if ((await validate(url, n)) === 401) return refusals.push(Math.max(0, asked - answered))
          accepted++
        }
      }
      await Promise.all(others.map(refused))
    }
    answers.sort((one, other) => one - other)
    refusals.sort((one, other) => one - other)
    const at = (/** @type {number[]} */ times, /** @type {number} */ part) =>
      (times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN).toFixed(1)
    rows.push([
      sync ? 'sync' : 'async',
      answers.length,
      ...[0.5, 0.95, 0.99].map((part) => at(answers, part)),
      ...[0.5, 0.99, 1].map((part) => at(refusals, part)),
      accepted,
    ])
  }
  await subject.stop()
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
const head = [
  ...['revoke', 'how many', 'answered: P50, ms', 'P95, ms', 'P99, ms'],
  ...['from the answer until others refuse it: P50, ms', 'P99, ms', 'longest, ms', 'acceptances after the answer'],
]
table('A revoke over three nodes, one at a time', head, rows)
process.exit()
