/** The entry point: reads the environment, opens the port, and stops in an orderly way when it is told to. */
import { setTimeout as pause } from 'node:timers/promises'
import { describeProblem, describeWarning, readConfig } from './config.ts'
import { refuseUnread } from './http/refusal.ts'
import { type Listener, listen } from './listener.ts'
import { createLog, describeError, type Log } from './log.ts'
import { createService, type Service } from './service.ts'

const startedAt = performance.now()
const print = (line: string): void => void process.stderr.write(`${line}\n`)
const { config, problems, warnings } = readConfig(process.env)
const log: Log = createLog({ level: config.logLevel, write: (line) => void process.stdout.write(line) })

if (problems.length > 0) fail(problems.map(describeProblem))
for (const warning of warnings) log('warn', 'tokmesh.config', describeWarning(warning))

const { host, port } = config.httpAddress
let draining = false
let stoppingSince = 0
const service = await createService({ config, log, print }).catch((error) => fail([messageOf(error)]))
const listener = await listen({ fetch: service.app.fetch, host, port, refuse: refuseUnread }).catch(async (error) => {
  await service.close()
  return fail([listenProblem(error)])
})
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopOnce(signal))
announce(service, listener)

function announce({ nodeId, prepared }: Service, { port }: Listener): void {
  const database = config.databaseUrl === undefined ? 'embedded' : 'postgres'
  log('info', 'tokmesh.server', 'listening', {
    event: 'config_loaded',
    address: `${host}:${port}`,
    node_id: nodeId,
    database,
  })
  if (!/^(127\.|localhost$|::1$)/.test(host)) {
    log('warn', 'tokmesh.server', 'SECURITY: this address can be reached from other machines, and without TLS')
  }
  prepared.then(
    () => log('info', 'tokmesh.server', 'ready', { duration_ms: Math.round(performance.now() - startedAt) }),
    (error) => {
      if (draining) return
      log('error', 'tokmesh.server', 'the database cannot be used', describeError(error))
      fail([messageOf(error)])
    },
  )
}

function stopOnce(signal: string): void {
  if (draining) {
    // Under npm a Ctrl-C arrives twice within milliseconds, from the terminal and from npm: only a later one is impatience.
    if (performance.now() - stoppingSince > 1000) process.exit(1)
    return
  }
  draining = true
  stoppingSince = performance.now()
  stop(service, listener, signal).then(
    () => process.exit(0),
    (error) => {
      log('error', 'tokmesh.server', 'stopped badly', describeError(error))
      process.exit(1)
    },
  )
}

/** Not ready at once; serves on for the grace; then takes no more, waits for what is under way, and closes. */
async function stop({ telemetry, close }: Service, { stopAccepting, close: closeListener }: Listener, signal: string) {
  const { shutdownGraceMs: graceMs, shutdownTimeoutMs: timeoutMs } = config
  const leftMs = () => Math.max(0, timeoutMs - (performance.now() - stoppingSince))
  log('info', 'tokmesh.server', 'stopping', { signal })
  await telemetry.health.drain({ graceMs, timeoutMs })
  // A connection may hold a request that is not read yet, and not known to be under way: they are waited for first.
  await Promise.race([stopAccepting(), pause(Math.min(2000, leftMs()))])
  const idle = await telemetry.requests.idle(leftMs())
  if (!idle) log('warn', 'tokmesh.server', 'requests were still under way when the time was over')
  await closeListener()
  await close()
  log('info', 'tokmesh.server', 'stopped', { duration_ms: Math.round(performance.now() - stoppingSince) })
}

function listenProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'EADDRINUSE') return `cannot listen on ${host}:${port}: ${messageOf(error)}`
  return `cannot listen on ${host}:${port}: the port is taken; stop the other process or set TOKMESH_SERVER_HTTP_ADDRESS`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown fault'
}

function fail(lines: readonly string[]): never {
  for (const line of lines) print(`tokmesh: ${line}`)
  process.exit(1)
}
