/** What a start says: the contract's section 9.1. */
import { flagOf, keys } from '../config/keys.ts'
import { plainConfig } from '../config/print.ts'
import { type Config, type ConfigReading, describeWarning } from '../config.ts'
import type { AdjustableLog } from '../log.ts'
import { version } from '../version.ts'
import type { OpenListener } from './listeners.ts'

/** Tells what was ignored; of what may weaken a protection also a log that is told to be quiet. */
export function warnOfIgnored({ warnings }: Pick<ConfigReading, 'warnings'>, log: AdjustableLog): void {
  for (const warning of warnings) {
    const write = warning.security ? log.always : log
    write('warn', 'tokmesh.config', describeWarning(warning))
  }
}

/** Tells what was ignored, and what this build does not do. */
export function warnOf({ file, warnings }: ConfigReading, log: AdjustableLog): void {
  const warn = (message: string) => log('warn', 'tokmesh.config', message)
  if (file === undefined) warn('there is no configuration file: the environment, flags and defaults apply')
  warnOfIgnored({ warnings }, log)
}

export interface Announcement {
  readonly reading: ConfigReading
  readonly nodeId: string
  readonly listeners: readonly OpenListener[]
  readonly log: AdjustableLog
}

/** The summary of a start, and loud warnings of ports that strangers can reach. */
export function announce({ reading, nodeId, listeners, log }: Announcement): void {
  const { config, file, variables, flags } = reading
  log.always('info', 'tokmesh.server', 'listening', {
    event: 'config_loaded',
    listen: listeners.map(({ url }) => url),
    node_id: nodeId,
    database: config.databaseUrl === undefined ? 'embedded' : 'postgres',
    sources: { file: file ?? null, environment: variables, flags },
    switches: switchesOf(config),
    versions: { tokmesh: version, ...runtimeVersion() },
    ...(config.logDumpConfig && { configuration: plainConfig(config) }),
  })
  for (const { host, secure, url } of listeners) {
    if (/^(127\.|localhost$|::1$)/i.test(host)) continue
    const risk = secure
      ? 'only API keys stand between strangers and the service'
      : `and without TLS: keys and tokens can be read on the way; use ${flagOf(keys.httpsEnabled.path)}=true or a proxy`
    log.always('warn', 'tokmesh.server', `SECURITY: ${url} can be reached from other machines, ${risk}`)
  }
}

const switchesOf = (config: Config) => ({
  http: config.httpEnabled,
  https: config.httpsEnabled,
  client_certificates: config.httpsEnabled && config.tlsClientCaFile !== '',
  metrics_auth: config.metricsAuth,
  health_auth: config.healthAuth,
  anti_replay_required: config.antiReplayRequired,
  allow_list: config.allowList.length > 0,
  trusted_proxies: config.trustedProxies.length > 0,
  tracing: config.tracingEnabled,
  log_level: config.logLevel,
})

function runtimeVersion(): Readonly<Record<string, string>> {
  const { bun, node } = process.versions
  return bun === undefined ? { node } : { bun }
}
