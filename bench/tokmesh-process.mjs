/**
 * Starts TokMesh as a process of its own, under the runtime of this one.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { usageOf } from './load.mjs'
import { isBun } from './measure.mjs'

const app = fileURLToPath(new URL('../apps/tokmesh', import.meta.url))
const command = isBun
  ? ['--conditions=@honoscope/source', join(app, 'src', 'server.ts')]
  : [join(app, 'dist', 'server.js')]

/** For this process's databases only, which are thrown away. */
const adminKey = `tmak-01hzzzzzzzzzzzzzzzzzzzzzza:tmas_${'0'.repeat(40)}Adm`

/**
 * Resolves when `/ready` says so.
 *
 * @param {Readonly<Record<string, string>>} environment
 */
export async function startTokMesh(environment) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const started = performance.now()
  const child = spawn(process.execPath, command, {
    // What it logs is a line for each create, as in service; nobody reads it here.
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      TOKMESH_SERVER_HTTP_ADDRESS: `127.0.0.1:${port}`,
      TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s',
      TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
      ...environment,
    },
  })
  // Should this process fail, it must not leave a server behind.
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  let ended = false
  const end = new Promise((resolve) => {
    child.once('close', () => {
      ended = true
      resolve(undefined)
    })
  })
  while (!(await isReady(url))) {
    if (ended || performance.now() - started > 60_000) throw new Error('TokMesh did not become ready')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const readyMs = performance.now() - started

  /**
   * Posts JSON and resolves to the `data` of the answer.
   *
   * @param {string} path
   * @param {object} body
   * @param {Readonly<Record<string, string>>} headers
   */
  const call = async (path, body, headers) => {
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const answer = await response.json()
    if (!response.ok) throw new Error(`${path}: ${answer.code} ${answer.message}`)
    return answer.data
  }
  return {
    url,
    readyMs,
    call,
    usage: () => usageOf(child.pid ?? 0),
    /**
     * A new key's credential; its rate is the highest that there is.
     *
     * @param {string} role
     * @returns {Promise<string>}
     */
    async newKey(role) {
      const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' }
      const key = await call('/admin/v1/keys', { role, rate_limit: 1_000_000 }, headers)
      return `${key.key_id}:${key.key_secret}`
    },
    async stop() {
      process.off('exit', kill)
      child.kill('SIGTERM')
      await end
    },
  }
}

async function isReady(/** @type {string} */ url) {
  try {
    const response = await fetch(`${url}/ready`)
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

/** @returns {Promise<number>} */
async function freePort() {
  const probe = createServer()
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', () => resolve(undefined)))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
