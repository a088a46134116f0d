/**
 * Starts TokMesh as a process of its own, under the runtime of this one.
 *
 * @module
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isBun } from './measure.mjs'
import { startServer } from './server-process.mjs'

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
 * @param {{ isMember?: boolean }} [options] with `isMember` it is one node of a cluster
 */
export async function startTokMesh(environment, { isMember = false } = {}) {
  const server = await startServer((port) => ({
    command,
    readyPath: '/ready',
    environment: {
      TOKMESH_SERVER_HTTP_ADDRESS: `127.0.0.1:${port}`,
      TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s',
      TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
      ...(isMember && { TOKMESH_CLUSTER_ENABLED: 'true', TOKMESH_CLUSTER_ADVERTISE_ADDRESS: `127.0.0.1:${port}` }),
      ...environment,
    },
  }))

  /**
   * Posts JSON and resolves to the `data` of the answer.
   *
   * @param {string} path
   * @param {object} body
   * @param {Readonly<Record<string, string>>} headers
   */
  const call = async (path, body, headers) => {
    const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const answer = await response.json()
    if (!response.ok) throw new Error(`${path}: ${answer.code} ${answer.message}`)
    return answer.data
  }
  return {
    ...server,
    call,
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
  }
}
