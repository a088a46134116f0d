/** What `tokmesh start` does: reads the configuration, opens the database and the ports, and stops when it is told to. */

import { printConfig } from '../config/print.ts'
import { tlsProblems } from '../config/tls-files.ts'
import { type Config, type ConfigReading, type ConfigSources, describeProblem, readConfig } from '../config.ts'
import { createLog, describeError, type Log, redact } from '../log.ts'
import { messageOf } from '../message-of.ts'
import { createService, type Service } from '../service.ts'
import { announce, warnOf } from './announce.ts'
import { openListeners } from './listeners.ts'
import { reloadOnSignal } from './reload.ts'
import { type Stopping, stopOnSignals } from './stop.ts'

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
  if (only) return void process.stdout.write(printConfig(reading))
  const log = createLog({ level: config.logLevel, write: (line) => void process.stdout.write(line) })
  warnOf(reading, log)

  let stopping: Stopping | undefined
  // From here on: whoever sends SIGHUP early must not end the process, which is what it does by itself.
  reloadOnSignal({ reading, read, log, onHangup: () => (stopping ? stopping.begin('SIGHUP') : process.exit(1)) })
  const service = await open(config, log)
  const listeners = await openListeners(config, service.app.fetch, log, service.telemetry.onTlsReload).catch(
    async (error) => {
      await service.close()
      return fail([messageOf(error)])
    },
  )
  stopping = stopOnSignals({ config, service, listeners, log })
  announce({ reading, nodeId: service.nodeId, listeners, log })
  service.prepared.then(
    () => log('info', 'tokmesh.server', 'ready', { duration_ms: Math.round(performance.now() - startedAt) }),
    (error) => {
      if (stopping?.begun()) return
      log('error', 'tokmesh.server', 'the database cannot be used', describeError(error))
      fail([messageOf(error)])
    },
  )
}

const patienceMs = 1000

/** The service; a line in the log says so where that takes long, as making the embedded database does. */
async function open(config: Config, log: Log): Promise<Service> {
  const slow = setTimeout(() => log('info', 'tokmesh.storage', 'still opening the database'), patienceMs)
  try {
    return await createService({ config, log, print })
  } catch (error) {
    return fail([messageOf(error)])
  } finally {
    clearTimeout(slow)
  }
}

function fail(lines: readonly string[]): never {
  for (const line of lines) print(redact(`tokmesh: ${line}`))
  process.exit(1)
}
