/** What no single value can tell: the contract's sections 11.1, 11.2 and 14. */
import type { Config } from '../config.ts'
import { formatHostPort } from './format.ts'
import type { Key } from './key-types.ts'
import { type KeyName, keys } from './keys.ts'
import type { HostPort } from './parse.ts'
import { type ConfigCode, type ConfigProblem, type Origin, placeOf, shown } from './problem.ts'

export type Origins = Readonly<Record<KeyName, Origin>>

/** Every contradiction among the values in force. */
export function contradictions(config: Config, origins: Origins): readonly ConfigProblem[] {
  /** As it was written where it was, since `:443` is what its author looks for. */
  const written = (name: KeyName) => {
    const key = keys[name] as Key<unknown>
    return shown(key.path, origins[name].text ?? String(key.format(config[name])))
  }
  const complain = (code: ConfigCode, name: KeyName, cause: string, fix: string): ConfigProblem => {
    return { code, ...placeOf(origins[name], keys[name].path), value: written(name), cause, fix }
  }
  return [
    ...notAbove(config, origins, complain, 'ttlDefaultMs', 'ttlMaxMs'),
    ...notAbove(config, origins, complain, 'shutdownGraceMs', 'shutdownTimeoutMs'),
    ...listeners(config, origins, complain),
    ...dependencies(config, complain),
  ]
}

type Complain = (code: ConfigCode, name: KeyName, cause: string, fix: string) => ConfigProblem

/** `name` may not be larger than `limit`. The one of them that was set is told of. */
function notAbove(config: Config, origins: Origins, complain: Complain, name: DurationName, limit: DurationName) {
  if (config[name] <= config[limit]) return []
  const [low, high] = [keys[name], keys[limit]]
  if (origins[name].kind !== 'default') {
    const cause = `larger than ${high.path} (${high.format(config[limit])})`
    return [complain('TM-CFG-1002', name, cause, `lower it, or raise ${high.path}`)]
  }
  const cause = `smaller than ${low.path} (${low.format(config[name])})`
  return [complain('TM-CFG-1002', limit, cause, `raise it, or lower ${low.path}`)]
}
type DurationName = 'ttlDefaultMs' | 'ttlMaxMs' | 'shutdownGraceMs' | 'shutdownTimeoutMs'

function listeners(config: Config, origins: Origins, complain: Complain): readonly ConfigProblem[] {
  const { httpEnabled, httpsEnabled, httpAddress, httpsAddress } = config
  if (!httpEnabled && !httpsEnabled) {
    const fix = 'enable server.http or server.https'
    return [complain('TM-CFG-1005', 'httpEnabled', 'neither listener is enabled, so nobody could connect', fix)]
  }
  if (!httpEnabled || !httpsEnabled || !overlap(httpAddress, httpsAddress)) return []
  const told = origins.httpsAddress.kind === 'default' ? 'httpAddress' : 'httpsAddress'
  const other = told === 'httpAddress' ? httpsAddress : httpAddress
  const cause = `the same address as the other listener (${formatHostPort(other)})`
  return [complain('TM-CFG-1005', told, cause, 'give each listener a port of its own')]
}

/** Whether the two can't both be listened on. */
function overlap(one: HostPort, other: HostPort): boolean {
  if (one.port !== other.port) return false
  const hosts = [one.host.toLowerCase(), other.host.toLowerCase()]
  if (hosts[0] === hosts[1] || hosts.includes('::')) return true
  if (hosts.includes('0.0.0.0')) return hosts.some((host) => host !== '0.0.0.0' && !host.includes(':'))
  return hosts.includes('localhost') && hosts.some((host) => host === '127.0.0.1' || host === '::1')
}

/** What is switched on without that which it needs. */
function dependencies(config: Config, complain: Complain): readonly ConfigProblem[] {
  const found: ConfigProblem[] = []
  const need = (there: boolean, name: KeyName, cause: string, fix: string) => {
    if (!there) found.push(complain('TM-CFG-1006', name, cause, fix))
  }
  if (config.httpsEnabled) {
    for (const name of ['tlsCertFile', 'tlsKeyFile'] as const) {
      need(config[name] !== '', name, 'HTTPS is enabled and needs this file', `set ${keys[name].path} to a PEM file`)
    }
  }
  if (config.tracingEnabled) {
    const fix = `set ${keys.tracingEndpoint.path}, or disable telemetry.tracing`
    need(config.tracingEndpoint !== '', 'tracingEndpoint', 'tracing is enabled and needs an endpoint', fix)
  }
  if (config.clusterEnabled) {
    const cause = 'the cluster is enabled and needs an address for the other nodes'
    const fix = `set ${keys.advertiseAddress.path} to host:port`
    need(config.advertiseAddress !== '', 'advertiseAddress', cause, fix)
    const external = 'the cluster is enabled and needs an external database'
    need(config.databaseUrl !== undefined, 'clusterEnabled', external, 'set DATABASE_URL to that of PostgreSQL')
  }
  return found
}
