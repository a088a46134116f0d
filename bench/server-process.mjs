/**
 * Starts a server as a process of its own, under the runtime of this one.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { usageOf } from './load.mjs'

/**
 * Resolves when `readyPath` answers with a success.
 *
 * @param {(port: number) => {
 *   command: readonly string[], environment: Readonly<Record<string, string>>, readyPath: string
 * }} describe
 */
export async function startServer(describe) {
  const port = await freePort()
  const { command, environment, readyPath } = describe(port)
  const url = `http://127.0.0.1:${port}`
  const started = performance.now()
  const child = spawn(process.execPath, command, {
    // What it logs is a line for each create, as in service; nobody reads it here.
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
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
  while (!(await succeeds(`${url}${readyPath}`))) {
    if (ended || performance.now() - started > 60_000) throw new Error(`${command.at(-1)} did not become ready`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return {
    url,
    readyMs: performance.now() - started,
    usage: () => usageOf(child.pid ?? 0),
    async stop() {
      process.off('exit', kill)
      child.kill('SIGTERM')
      await end
    },
  }
}

async function succeeds(/** @type {string} */ url) {
  try {
    const response = await fetch(url)
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
