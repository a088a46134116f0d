/** The orderly end of the service. */
import { setTimeout as pause } from 'node:timers/promises'
import { describeError } from '@honoscope/logging'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Service } from '../service.ts'
import type { OpenListener } from './listeners.ts'

/** What is to be ended. */
export interface Running {
  readonly service: Service
  readonly listeners: readonly OpenListener[]
}

export interface StopOptions {
  readonly config: Pick<Config, 'shutdownGraceMs' | 'shutdownTimeoutMs'>
  /** What is to be ended, when it is there: a signal may come while the database is still being opened. */
  readonly running: () => Promise<Running>
  readonly log: Log
}

/** The end, which comes once. */
export interface Stopping {
  /** Whether it has begun. */
  begun(): boolean
  begin(signal: string): void
}

/** Ends the process in an orderly way on SIGTERM and SIGINT; a second signal ends it at once, with 1. */
export function stopOnSignals(options: StopOptions): Stopping {
  let since: number | undefined
  const begin = (signal: string) => {
    if (since !== undefined) {
      // Under npm a Ctrl-C arrives twice within milliseconds, from the terminal and from npm: only a later one is impatience.
      if (performance.now() - since > 1000) process.exit(1)
      return
    }
    since = performance.now()
    stop(options, signal, since).then(
      () => process.exit(0),
      (error) => {
        options.log('error', 'tokmesh.server', 'stopped badly', describeError(error))
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => begin(signal))
  return { begun: () => since !== undefined, begin }
}

/**
 * Waits for the end of the start. Not ready at once; serves on for the grace; then takes no more, waits for what is
 * under way, and closes.
 */
async function stop({ config, running, log }: StopOptions, signal: string, since: number): Promise<void> {
  const { shutdownGraceMs: graceMs, shutdownTimeoutMs: timeoutMs } = config
  const leftMs = () => Math.max(0, timeoutMs - (performance.now() - since))
  log('info', 'tokmesh.server', 'stopping', { signal })
  const opened = await Promise.race([running(), pause(leftMs())])
  if (!opened) return log('warn', 'tokmesh.server', 'stopped; the start had not come to its end when the time was over')
  const { service, listeners } = opened
  const told = service.cluster.drain()
  // Where no port was open yet, there is nobody to be told.
  if (listeners.length > 0) await service.telemetry.health.drain({ graceMs, timeoutMs })
  await told
  // A connection may hold a request that is not read yet, and not known to be under way: they are waited for first.
  const closed = Promise.all(listeners.map((listener) => listener.stopAccepting()))
  await Promise.race([closed, pause(Math.min(2000, leftMs()))])
  const idle = await service.telemetry.requests.idle(leftMs())
  if (!idle) log('warn', 'tokmesh.server', 'requests were still under way when the time was over')
  await Promise.all(listeners.map((listener) => listener.close()))
  // Audit entries that wait get what is left of the time, and a second where nothing is.
  await service.close(Math.min(5000, Math.max(1000, leftMs())))
  log('info', 'tokmesh.server', 'stopped', { duration_ms: Math.round(performance.now() - since) })
}
