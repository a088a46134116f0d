/** SIGHUP: the configuration is read again, and what can be changed in a running process is. */
import { isatty } from 'node:tty'
import { keyList, keys } from '../config/keys.ts'
import { plainConfig } from '../config/print.ts'
import { type ConfigReading, describeProblem } from '../config.ts'
import type { AdjustableLog } from '../log.ts'
import { warnOfIgnored } from './announce.ts'

export interface ReloadOptions {
  /** What the process was started with. */
  readonly reading: ConfigReading
  readonly read: () => ConfigReading
  readonly log: AdjustableLog
  /** The terminal of the process is gone, which SIGHUP tells too. */
  readonly onHangup: () => void
}

/** Does so on each SIGHUP, where there is that signal. */
export function reloadOnSignal(options: ReloadOptions): void {
  if (process.platform === 'win32') return
  const hadTerminal = isatty(0)
  process.on('SIGHUP', () => {
    // A server in the foreground ends with its terminal; one in the background has none.
    if (hadTerminal && !isatty(0)) options.onHangup()
    else reload(options)
  })
}

/**
 * Reads again. With a problem everything stays as it is; else the log's level is changed, and what else differs from
 * what the process was started with is named, since it needs a restart.
 */
export function reload({ reading, read, log }: Omit<ReloadOptions, 'onHangup'>): void {
  const now = read()
  warnOfIgnored(now, log)
  const event = 'config_reloaded'
  if (now.problems.length > 0) {
    const fields = { event, status: 'failed', changes: [], problems: now.problems.map(describeProblem) }
    log.always('error', 'tokmesh.config', 'the configuration cannot be used; everything stays as it is', fields)
    return
  }
  const [before, after] = [{ ...plainConfig(reading.config), [levelKey]: log.level }, plainConfig(now.config)]
  const changed = keyList.map(([, { path }]) => path).filter((path) => String(before[path]) !== String(after[path]))
  const changes = changed.map((key) => ({ key, from: before[key], to: after[key], restart: key !== levelKey }))
  const waiting = changes.filter(({ restart }) => restart).map(({ key }) => key)
  const status = changes.length === 0 ? 'unchanged' : waiting.length > 0 ? 'restart_needed' : 'applied'
  log.always('info', 'tokmesh.config', 'the configuration was read again', { event, status, changes })
  log.setLevel(now.config.logLevel)
  for (const key of waiting) log('warn', 'tokmesh.config', `${key} was changed and needs a restart`)
}

const levelKey = keys.logLevel.path
