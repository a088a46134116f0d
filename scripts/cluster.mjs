// `npm run cluster`: a real PostgreSQL and three nodes of TokMesh on 127.0.0.1:5081–5083, on a fresh clone, with nothing
// but Node and npm. Ctrl-C stops all. `--port` is the first port, `--data` a folder that is kept, `--bun` the runtime.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { linesOf, tryOut } from './cluster-words.mjs'
import { build, fail, install, root, tool } from './workspace.mjs'

const { port: firstPort, data, bun } = readOptions()
const ports = [0, 1, 2].map((offset) => firstPort + offset)
const children = new Set()
let stopping = false

await install().catch(fail)
if ((await build()) !== 0) fail('The cluster was not started: the build failed, see above.')
for (const port of ports) await expectFree(port)

const folder = data ?? mkdtempSync(join(tmpdir(), 'tokmesh-cluster-'))
process.once('exit', () => {
  if (data === undefined) rmSync(folder, { recursive: true, force: true })
})
const secrets = await readSecrets()

let signalledAt = 0
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    // Under npm it comes twice within milliseconds, from the terminal and from npm; a later one is impatience.
    if (stopping && performance.now() - signalledAt > 1000)
      for (const { process: child } of children) child.kill('SIGKILL')
    if (!stopping) {
      signalledAt = performance.now()
      void stop(0)
    }
  })
}

console.log('Starting PostgreSQL …')
const kept = data === undefined ? {} : { CLUSTER_DATA: join(folder, 'postgres'), CLUSTER_PASSWORD: secrets.password }
// Its server may run as another user, who may not look into the folder of this run.
const database = start('PostgreSQL', process.execPath, [script('cluster-database.mjs')], kept, tmpdir())
const { url, problem } = await new Promise((answer) => {
  database.process.once('message', answer)
  void database.ended.then(() => answer({ problem: 'it ended' }))
})
if (url === undefined) await stop(1, `PostgreSQL did not start: ${problem}`)

console.log(`Starting three nodes on 127.0.0.1:${ports[0]}–${ports.at(-1)} …`)
const nodes = ports.map(startNode)
await Promise.all(nodes.map(({ port }) => untilReady(port)))
if (!stopping) console.log(tryOut({ ports, secrets, url, pid: nodes.at(-1).process.pid }))

function readOptions() {
  const options = { port: { type: 'string', default: '5081' }, data: { type: 'string' }, bun: { type: 'boolean' } }
  try {
    const { values } = parseArgs({ options })
    const port = Number(values.port)
    if (!Number.isInteger(port) || port < 1 || port > 65_533) fail('--port is the first of three ports: 1 to 65533.')
    return { ...values, port, data: values.data === undefined ? undefined : resolve(values.data) }
  } catch (error) {
    return fail(`${error.message}\nOptions: --port <first of three ports>, --data <folder that is kept>, --bun`)
  }
}

function script(name) {
  return join(root, 'scripts', name)
}

/** Ends with a sentence when somebody listens on the port. */
async function expectFree(port) {
  const probe = createServer()
  const fault = await new Promise((answer) => {
    probe.once('error', answer)
    probe.listen(port, '127.0.0.1', () => answer(undefined))
  })
  if (fault?.code === 'EADDRINUSE')
    fail(
      `Port ${port} is taken: stop the other process, or choose other ports with "npm run cluster -- --port <first>".`,
    )
  if (fault) fail(`127.0.0.1:${port} can't be listened on: ${fault.message}`)
  await new Promise((closed) => probe.close(closed))
}

/** The first keys and the password of the database: made for this run, or kept beside the data. */
async function readSecrets() {
  const path = join(folder, 'cluster.json')
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'))
  const { createApiKeys, memoryKeyStore } = await import(
    pathToFileURL(join(root, 'packages', 'api-key', 'dist', 'index.js')).href
  )
  const keys = createApiKeys({ store: memoryKeyStore(), roles: ['admin'] })
  const made = { admin: keys.newCredential(), metrics: keys.newCredential(), password: randomBytes(12).toString('hex') }
  mkdirSync(folder, { recursive: true })
  if (data !== undefined) writeFileSync(path, JSON.stringify(made), { mode: 0o600 })
  return made
}

/** Starts a process that a Ctrl-C at the terminal does not reach, and that ends when this one is gone. */
function start(name, command, args, env, cwd = folder) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  })
  for (const stream of [child.stdout, child.stderr]) linesOf(stream, (line) => console.log(`${name} │ ${line}`))
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    // Not `close`, which does not come once this side has ended the channel.
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  const running = { name, process: child, ended }
  children.add(running)
  void ended.then((how) => {
    children.delete(running)
    if (stopping) return
    console.log(`${name} has ended unexpectedly: ${how}.`)
    if (running === database) void stop(1, 'Without PostgreSQL there is nothing to show: stopping.')
    else if (children.size === 1) void stop(1, 'No node is left: stopping.')
  })
  return running
}

function startNode(port, index) {
  const name = `node ${index + 1}`
  const server = bun ? join('src', 'server.ts') : join('dist', 'server.js')
  const args = [...(bun ? ['--conditions=@honoscope/source'] : []), script('cluster-node.mjs')]
  const command = bun ? tool('bun') : process.execPath
  const address = `127.0.0.1:${port}`
  const running = start(name, command, [...args, join(root, 'apps', 'tokmesh', server)], {
    DATABASE_URL: url,
    TOKMESH_SERVER_HTTP_ADDRESS: address,
    TOKMESH_STORAGE_DATA_DIR: join(folder, `node-${index + 1}`),
    TOKMESH_CLUSTER_ENABLED: 'true',
    TOKMESH_CLUSTER_ADVERTISE_ADDRESS: address,
    TOKMESH_CLUSTER_NODE_ID: `tmnd-node-${index + 1}`,
    TOKMESH_BOOTSTRAP_ADMIN_KEY: secrets.admin,
    TOKMESH_BOOTSTRAP_METRICS_KEY: secrets.metrics,
    // There is no load balancer that would have to notice.
    TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s',
  })
  return { ...running, port }
}

async function untilReady(port) {
  while (!stopping) {
    const answer = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined)
    if (answer?.ok) return
    await pause(100)
  }
}

/** Ends the nodes, then the database, then this process. */
async function stop(code, sentence) {
  stopping = true
  if (sentence !== undefined) console.error(sentence)
  console.log('Stopping …')
  const ending = [...children].filter((child) => child !== database)
  for (const { process: child } of ending) child.kill('SIGTERM')
  await Promise.all(ending.map(({ ended }) => ended))
  if (database.process.connected) database.process.disconnect()
  await database.ended
  console.log('All has ended.')
  process.exit(code)
}
