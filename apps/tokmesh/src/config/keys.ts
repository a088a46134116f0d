/**
 * The one table of configuration keys: the contract's section 11.2. Names of environment variables derive
 * from the paths here, and so will those of files and flags.
 */
import {
  type HostPort,
  isIpOrCidr,
  parseBoolean,
  parseDuration,
  parseHostPort,
  parseInteger,
  parseList,
  parseSize,
} from './parse.ts'

/** A complaint about a value that was understood but can't be used. */
export interface Complaint {
  readonly code: 'TM-CFG-1001' | 'TM-CFG-1002'
  readonly cause: string
  readonly fix: string
}

/** One configuration key. */
export interface Key<T> {
  /** Dotted, as in the contract. */
  readonly path: string
  /** What a value looks like, for messages. */
  readonly type: string
  readonly default: T
  /** `undefined` for text that is not of the type. */
  parse(text: string): T | undefined
  /** `undefined` for a usable value. */
  check(value: T): Complaint | undefined
}

const outOfRange = (cause: string, fix: string): Complaint => ({ code: 'TM-CFG-1002', cause, fix })

function duration(path: string, defaultMs: number, min: string, max: string): Key<number> {
  const [from = 0, to = Number.POSITIVE_INFINITY] = [parseDuration(min), parseDuration(max)]
  const check = (ms: number) =>
    ms >= from && ms <= to
      ? undefined
      : outOfRange(`outside ${min} to ${max}`, `choose a duration from ${min} to ${max}`)
  return { path, type: 'duration such as 30s or 1h30m', default: defaultMs, parse: parseDuration, check }
}

function integer(path: string, defaultValue: number, min: number, max: number): Key<number> {
  const check = (value: number) =>
    value >= min && value <= max
      ? undefined
      : outOfRange(`outside ${min} to ${max}`, `choose a whole number from ${min} to ${max}`)
  return { path, type: 'whole number', default: defaultValue, parse: parseInteger, check }
}

function size(path: string, defaultBytes: number, min: string, max: string): Key<number> {
  const [from = 0, to = Number.POSITIVE_INFINITY] = [parseSize(min), parseSize(max)]
  const check = (bytes: number) =>
    bytes >= from && bytes <= to
      ? undefined
      : outOfRange(`outside ${min} to ${max}`, `choose a size from ${min} to ${max}`)
  return { path, type: 'size such as 1MB', default: defaultBytes, parse: parseSize, check }
}

function boolean(path: string, defaultValue: boolean): Key<boolean> {
  return { path, type: 'true or false', default: defaultValue, parse: parseBoolean, check: () => undefined }
}

function hostPort(path: string, host: string, port: number): Key<HostPort> {
  const check = (value: HostPort) =>
    value.port >= 1 && value.port <= 65535
      ? undefined
      : outOfRange('port outside 1 to 65535', 'choose a port from 1 to 65535')
  return { path, type: 'host:port', default: { host, port }, parse: parseHostPort, check }
}

function addresses(path: string): Key<readonly string[]> {
  const parse = (text: string) => {
    const entries = parseList(text)
    return entries.every(isIpOrCidr) ? entries : undefined
  }
  return { path, type: 'IP addresses and CIDR blocks, with commas', default: [], parse, check: () => undefined }
}

function oneOf<const T extends string>(path: string, values: readonly T[], defaultValue: NoInfer<T>): Key<T> {
  const check = (value: T) =>
    values.includes(value)
      ? undefined
      : outOfRange(`not one of ${values.join(', ')}`, `choose one of ${values.join(', ')}`)
  return { path, type: values.join(', '), default: defaultValue, parse: (text) => text.toLowerCase() as T, check }
}

function text(path: string, defaultValue: string, check: Key<string>['check'] = () => undefined): Key<string> {
  return { path, type: 'text', default: defaultValue, parse: (value) => value, check }
}

const checkNodeId = (value: string): Complaint | undefined =>
  /^tmnd-[A-Za-z0-9._-]{1,123}$/.test(value)
    ? undefined
    : {
        code: 'TM-CFG-1001',
        cause: 'not a node id',
        fix: 'write tmnd- and 1 to 123 letters, digits, dots, dashes or underscores',
      }

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** Every key that has an effect, under the name that the code calls it by. Durations are milliseconds, sizes bytes. */
export const keys = {
  httpAddress: hostPort('server.http.address', '127.0.0.1', 5080),
  maxBodyBytes: size('server.http.max_body_size', 1024 ** 2, '1MB', '1GB'),
  shutdownTimeoutMs: duration('server.shutdown.timeout', 30 * second, '5s', '300s'),
  shutdownGraceMs: duration('server.shutdown.grace_period', 5 * second, '0s', '300s'),
  ttlDefaultMs: duration('session.ttl.default', 2 * hour, '1m', '8760h'),
  ttlMaxMs: duration('session.ttl.max', 720 * hour, '1m', '8760h'),
  tombstoneTtlMs: duration('session.tombstone_ttl', 24 * hour, '1m', '720h'),
  sweepIntervalMs: duration('session.ttl.gc_interval', 100, '100ms', '1m'),
  sweepSampleSize: integer('session.ttl.sample_size', 20, 1, 10_000),
  maxPerUser: integer('session.quota.max_per_user', 50, 1, 10_000),
  allowList: addresses('security.auth.allow_list'),
  trustedProxies: addresses('security.network.trusted_proxies'),
  rotationGraceMs: duration('security.auth.rotation_grace', hour, '0s', '24h'),
  authCacheCapacity: integer('security.auth.cache_capacity', 10_000, 1000, 100_000),
  authCacheTtlMs: duration('security.auth.cache_ttl', minute, '10s', '5m'),
  argon2MemoryKib: integer('security.auth.argon2.memory', 16_384, 8192, 1_048_576),
  argon2Iterations: integer('security.auth.argon2.iterations', 2, 1, 10),
  argon2Parallelism: integer('security.auth.argon2.parallelism', 2, 1, 16),
  antiReplayRequired: boolean('security.anti_replay.required', false),
  antiReplayWindowMs: duration('security.anti_replay.timestamp_window', 30 * second, '1s', '5m'),
  nonceTtlMs: duration('security.anti_replay.nonce_ttl', minute, '1s', '10m'),
  nonceCacheSize: integer('security.anti_replay.nonce_cache_size', 100_000, 1000, 1_000_000),
  metricsAuth: boolean('telemetry.metrics.auth_enabled', true),
  healthAuth: boolean('telemetry.health.auth_enabled', false),
  logLevel: oneOf('telemetry.logging.level', ['debug', 'info', 'warn', 'error'], 'info'),
  dataDir: text('storage.data_dir', './data'),
  nodeId: text('cluster.node_id', '', checkNodeId),
} as const satisfies Readonly<Record<string, Key<unknown>>>

type Keys = typeof keys

/** A value for every key of {@link keys}. */
export type KeyValues = { readonly [K in keyof Keys]: Keys[K] extends Key<infer T> ? T : never }

/** The environment variable of a key: `server.http.address` → `TOKMESH_SERVER_HTTP_ADDRESS`. */
export function variableOf(path: string): string {
  return `TOKMESH_${path.toUpperCase().replaceAll('.', '_')}`
}
