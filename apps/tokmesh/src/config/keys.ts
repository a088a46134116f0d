/**
 * The one table of configuration keys: the contract's section 11.2, in its order. Names of environment variables
 * and flags derive from the paths here; files, messages, `--print-config` and the reference page read it too.
 */
import {
  addresses,
  boolean,
  type Complaint,
  duration,
  float,
  hostPort,
  integer,
  type Key,
  oneOf,
  path,
  peerAddress,
  size,
  text,
  url,
} from './key-types.ts'

const checkNodeId = (value: string): Complaint | undefined =>
  value === '' || /^tmnd-[A-Za-z0-9._-]{1,123}$/.test(value)
    ? undefined
    : {
        code: 'TM-CFG-1001',
        cause: 'not a node id',
        fix: 'write tmnd- and 1 to 123 letters, digits, dots, dashes or underscores',
      }

/** Every key, under the name that the code calls it by. Durations are milliseconds, sizes bytes. */
export const keys = {
  httpEnabled: boolean('server.http.enabled', true, 'whether to listen for plain HTTP'),
  httpAddress: hostPort('server.http.address', '127.0.0.1', 5080, 'where to listen for plain HTTP'),
  maxBodyBytes: size('server.http.max_body_size', '1MB', '1MB', '1GB', 'largest body of a request, on either listener'),
  httpsEnabled: boolean('server.https.enabled', false, 'whether to listen for HTTPS; needs certificate and key'),
  httpsAddress: hostPort('server.https.address', '127.0.0.1', 5443, 'where to listen for HTTPS'),
  tlsCertFile: path('server.https.tls.cert_file', '', 'certificate chain, PEM; a changed file is taken up within 5 s'),
  tlsKeyFile: path('server.https.tls.key_file', '', 'private key of the certificate, PEM'),
  tlsClientCaFile: path('server.https.tls.client_ca_file', '', 'authorities whose client certificates are asked for'),
  shutdownTimeoutMs: duration('server.shutdown.timeout', '30s', '5s', '300s', 'limit of a whole stop'),
  shutdownGraceMs: duration('server.shutdown.grace_period', '5s', '0s', '300s', 'how long a stop serves on, not ready'),
  ttlDefaultMs: duration('session.ttl.default', '2h', '1m', '8760h', 'lifetime of a session that names none'),
  ttlMaxMs: duration('session.ttl.max', '720h', '1m', '8760h', 'longest lifetime of a session'),
  sweepIntervalMs: duration('session.ttl.gc_interval', '100ms', '100ms', '1m', 'pause between sweeps of the expired'),
  sweepSampleSize: integer('session.ttl.sample_size', 20, 1, 10_000, 'sessions that a sweep takes at a time'),
  tombstoneTtlMs: duration('session.tombstone_ttl', '24h', '1m', '720h', 'how long ended sessions are kept'),
  maxPerUser: integer('session.quota.max_per_user', 50, 1, 10_000, 'active sessions of one user'),
  allowList: addresses('security.auth.allow_list', 'addresses that every key is held to; empty: no restriction'),
  trustedProxies: addresses('security.network.trusted_proxies', 'proxies whose forwarding headers are believed'),
  rotationGraceMs: duration('security.auth.rotation_grace', '1h', '0s', '24h', 'how long a rotated secret works on'),
  authCacheCapacity: integer('security.auth.cache_capacity', 10_000, 1000, 100_000, 'proven secrets remembered'),
  authCacheTtlMs: duration('security.auth.cache_ttl', '60s', '10s', '5m', 'how long a proven secret is remembered'),
  argon2MemoryKib: integer('security.auth.argon2.memory', 16_384, 8192, 1_048_576, 'KiB for a new hash'),
  argon2Iterations: integer('security.auth.argon2.iterations', 2, 1, 10, 'passes for a new hash'),
  argon2Parallelism: integer('security.auth.argon2.parallelism', 2, 1, 16, 'lanes of a new hash'),
  antiReplayRequired: boolean('security.anti_replay.required', false, 'whether writes must carry the two headers'),
  antiReplayWindowMs: duration('security.anti_replay.timestamp_window', '30s', '1s', '5m', 'how old a write may be'),
  nonceTtlMs: duration('security.anti_replay.nonce_ttl', '60s', '1s', '10m', 'how long a nonce is remembered'),
  nonceCacheSize: integer('security.anti_replay.nonce_cache_size', 100_000, 1000, 1_000_000, 'nonces remembered'),
  metricsAuth: boolean('telemetry.metrics.auth_enabled', true, 'whether `/metrics` asks for a key'),
  healthAuth: boolean('telemetry.health.auth_enabled', false, 'whether `/health*` and `/ready` ask for a key'),
  logLevel: oneOf('telemetry.logging.level', ['debug', 'info', 'warn', 'error'], 'info', 'least level that is logged'),
  logDumpConfig: boolean('telemetry.logging.dump_config', false, 'whether the start logs the whole configuration'),
  tracingEnabled: boolean('telemetry.tracing.enabled', false, 'whether to trace; needs an endpoint'),
  tracingEndpoint: url('telemetry.tracing.endpoint', 'where spans are sent, OTLP over HTTP: `/v1/traces` is added'),
  tracingSamplingRatio: float('telemetry.tracing.sampling_ratio', 0.01, 0, 1, 'share of the requests that is traced'),
  auditRetentionDays: integer('telemetry.audit.retention_days', 90, 1, 3650, 'days that audit entries are kept'),
  dataDir: path(
    'storage.data_dir',
    './data',
    'folder of the embedded database and the node id; `memory://` keeps nothing',
  ),
  nodeId: text(
    'cluster.node_id',
    '`tmnd-` and 1 to 123 characters',
    checkNodeId,
    'empty: made once, kept in the data folder',
  ),
  clusterEnabled: boolean('cluster.enabled', false, 'whether to join others; needs an address and PostgreSQL'),
  advertiseAddress: peerAddress('cluster.advertise_address', 'where other nodes find this one'),
  revokeSyncTimeoutMs: duration('cluster.revoke_sync_timeout', '5s', '100ms', '60s', 'limit of a `sync=true` revoke'),
} as const satisfies Readonly<Record<string, Key<unknown>>>

type Keys = typeof keys

/** The name of a key in the code. */
export type KeyName = keyof Keys

/** A value for every key of {@link keys}. */
export type KeyValues = { readonly [K in KeyName]: Keys[K] extends Key<infer T> ? T : never }

/** All keys in order, for code that treats them alike. */
export const keyList: readonly (readonly [KeyName, Key<unknown>])[] = Object.entries(keys).map(([name, key]) => [
  name as KeyName,
  key as Key<unknown>,
])

/** The environment variable of a key: `server.http.address` → `TOKMESH_SERVER_HTTP_ADDRESS`. */
export function variableOf(path: string): string {
  return `TOKMESH_${path.toUpperCase().replaceAll('.', '_')}`
}

/** The flag of a key: its leaf in kebab-case, `server.http.max_body_size` → `--server.http.max-body-size`. */
export function flagOf(path: string): string {
  const leaf = path.lastIndexOf('.') + 1
  return `--${path.slice(0, leaf)}${path.slice(leaf).replaceAll('_', '-')}`
}
