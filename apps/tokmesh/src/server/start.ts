/** What `tokmesh start` does: reads the configuration, opens the database and the ports, and stops when it is told to. */

import { describeError, redact } from '@honoscope/logging'
import { dataFolderFault } from '../config/data-folder.ts'
import { flagOf, keys, variableOf } from '../config/keys.ts'
import { printConfig } from '../config/print.ts'
import { tlsProblems } from '../config/tls-files.ts'
import { type ConfigReading, type ConfigSources, describeProblem, describeWarning, readConfig } from '../config.ts'
import { TokMeshError } from '../domain/errors.ts'
import { type AdjustableLog, createLog, type Log } from '../log.ts'
import { messageOf } from '../message-of.ts'
import { createService, type Service } from '../service.ts'
import { announce, warnOf } from './announce.ts'
import { openListeners } from './listeners.ts'
import { reloadOnSignal } from './reload.ts'
import { type Running, type Stopping, stopOnSignals } from './stop.ts'

/** How the service is to be started. */
export interface StartOptions extends ConfigSources {
  /** Print the configuration and end. */
  readonly printConfig?: boolean | undefined
}

const print = (line: string): void => void process.stderr.write(`${line}\n`)

/** Starts the service in this process. Ends the process with 1 when that can't be, after saying why. */
export async function startServer({ printConfig: only = false, ...sources }: StartOptions): Promise<void> {
  const startedAt = performance.now()
  const read = (): ConfigReading => {
    const reading = readConfig(process.env, sources)
    return { ...reading, problems: [...reading.problems, ...tlsProblems(reading)] }
  }
  const reading = read()
  if (reading.problems.length > 0) return fail(reading.problems.map(describeProblem))
  const { config } = reading
  if (only) {
    for (const warning of reading.warnings) print(`tokmesh: warning: ${describeWarning(warning)}`)
    return void process.stdout.write(printConfig(reading))
  }
  const log = createLog({ level: config.logLevel })
  // From here on, as opening the database takes seconds: by itself a signal ends the process, and SIGHUP does too.
  const stopping = stopOnSignals({ config, log, running: () => running })
  reloadOnSignal({ reading, read, log, onHangup: () => stopping.begin('SIGHUP') })
  warnOf(reading, log)

  const running = run(reading, log, stopping)
  const { service, listeners } = await running
  if (stopping.begun()) return
  announce({ reading, nodeId: service.nodeId, listeners, log })
  service.prepared.then(
    () =>
      stopping.begun() ||
      log('info', 'tokmesh.server', 'ready', { duration_ms: Math.round(performance.now() - startedAt) }),
    (error) => {
      if (stopping.begun()) return
      const isClash = error instanceof TokMeshError && error.code === 'TM-CLST-4090'
      const problem = isClash ? 'the cluster cannot be joined' : 'the database cannot be used'
      log('error', 'tokmesh.server', problem, describeError(error))
      fail([isClash ? `${error.code} ${error.message}` : messageOf(error)])
    },
  )
}

/** The service and its ports; no ports where the process was told to stop before. */
async function run(reading: ConfigReading, log: AdjustableLog, stopping: Stopping): Promise<Running> {
  const { config } = reading
  const service = await open(reading, log)
  if (stopping.begun()) return { service, listeners: [] }
  const { app, telemetry } = service
  // All that it logs is the event `config_reloaded`.
  const listeners = await openListeners(config, app.fetch, log.always, telemetry.onTlsReload).catch(async (error) => {
    await service.close()
    return fail([messageOf(error)])
  })
  return { service, listeners }
}

const patienceMs = 1000

/** The service; a line in the log says so where that takes long, as making the embedded database does. */
async function open(reading: ConfigReading, log: Log): Promise<Service> {
  const slow = setTimeout(() => log('info', 'tokmesh.storage', 'still opening the database'), patienceMs)
  try {
    return await createService({ config: reading.config, log, print })
  } catch (error) {
    const instead = `set ${keys.dataDir.path} (${variableOf(keys.dataDir.path)} or ${flagOf(keys.dataDir.path)})`
    return fail([dataFolderFault(error, reading, instead) ?? messageOf(error)])
  } finally {
    clearTimeout(slow)
  }
}

function fail(lines: readonly string[]): never {
  for (const line of lines) print(redact(`tokmesh: ${line}`))
  process.exit(1)
}
