/** For tests: texts for every key, and what they have to become. */
import { join } from 'node:path'
import type { KeyName } from '../config/keys.ts'

/** Texts for one key. */
export interface Sample {
  /** The default, as the contract has it. */
  readonly default: unknown
  readonly valid: string
  readonly value: unknown
  /** Out of range; `undefined` where nothing is. */
  readonly out?: string
  /** Not of the type; `undefined` where everything is. */
  readonly wrong?: string
}

const second = 1000
const hour = 3600 * second
const flag = (value: boolean): Sample => ({ default: value, valid: String(!value), value: !value, wrong: 'perhaps' })
const span = (ms: number, valid: string, value: number, out: string): Sample => ({
  ...{ default: ms, valid, value, out },
  wrong: '5',
})
const count = (value: number, valid: number, out: string): Sample => ({
  ...{ default: value, valid: String(valid), value: valid, out },
  wrong: 'many',
})
const file = (name: string, value = ''): Sample => ({ default: value, valid: name, value: name })

/** `folder` is where relative paths start, for the defaults. */
export function samples(folder: string): Readonly<Record<KeyName, Sample>> {
  return {
    httpEnabled: flag(true),
    httpAddress: {
      ...{ default: { host: '127.0.0.1', port: 5080 }, valid: 'localhost:81', value: { host: 'localhost', port: 81 } },
      ...{ out: '127.0.0.1:70000', wrong: 'nowhere' },
    },
    maxBodyBytes: { default: 1_048_576, valid: '2MB', value: 2_097_152, out: '1KB', wrong: 'large' },
    httpsEnabled: flag(false),
    httpsAddress: {
      ...{ default: { host: '127.0.0.1', port: 5443 }, valid: '[::1]:444', value: { host: '::1', port: 444 } },
      ...{ out: '127.0.0.1:0', wrong: '5443' },
    },
    tlsCertFile: file('/etc/tls/cert.pem'),
    tlsKeyFile: file('/etc/tls/key.pem'),
    tlsClientCaFile: file('/etc/tls/ca.pem'),
    shutdownTimeoutMs: span(30 * second, '5m', 300 * second, '4s'),
    shutdownGraceMs: span(5 * second, '0s', 0, '-1s'),
    ttlDefaultMs: span(2 * hour, '1h30m', 1.5 * hour, '59s'),
    ttlMaxMs: span(720 * hour, '8760h', 8760 * hour, '8761h'),
    sweepIntervalMs: span(100, '1m', 60 * second, '99ms'),
    sweepSampleSize: count(20, 10_000, '10001'),
    tombstoneTtlMs: span(24 * hour, '720h', 720 * hour, '30s'),
    maxPerUser: count(50, 1, '0'),
    allowList: { default: [], valid: '10.0.0.0/8, ::1', value: ['10.0.0.0/8', '::1'], wrong: '10.0.0.0/33' },
    trustedProxies: { default: [], valid: '192.0.2.1', value: ['192.0.2.1'], wrong: 'proxy.example' },
    rotationGraceMs: span(hour, '24h', 24 * hour, '25h'),
    authCacheCapacity: count(10_000, 1000, '999'),
    authCacheTtlMs: span(60 * second, '5m', 300 * second, '9s'),
    argon2MemoryKib: count(16_384, 8192, '8191'),
    argon2Iterations: count(2, 10, '11'),
    argon2Parallelism: count(2, 16, '17'),
    antiReplayRequired: flag(false),
    antiReplayWindowMs: span(30 * second, '1s', second, '6m'),
    nonceTtlMs: span(60 * second, '10m', 600 * second, '999ms'),
    nonceCacheSize: count(100_000, 1_000_000, '1000001'),
    metricsAuth: flag(true),
    healthAuth: flag(false),
    logLevel: { default: 'info', valid: 'warn', value: 'warn', out: 'loud' },
    logDumpConfig: flag(false),
    tracingEnabled: flag(false),
    tracingEndpoint: { default: '', valid: 'http://otel:4318', value: 'http://otel:4318', wrong: 'otel:4318' },
    tracingSamplingRatio: { default: 0.01, valid: '0.5', value: 0.5, out: '1.1', wrong: 'half' },
    auditRetentionDays: count(90, 3650, '3651'),
    dataDir: file('/var/lib/tokmesh', join(folder, 'data')),
    nodeId: { default: '', valid: 'tmnd-Rack.1_a', value: 'tmnd-Rack.1_a' },
    clusterEnabled: flag(false),
    advertiseAddress: {
      ...{ default: '', valid: 'node1:5080', value: { host: 'node1', port: 5080 } },
      ...{ out: 'node1:70000', wrong: 'node1' },
    },
    revokeSyncTimeoutMs: span(5 * second, '100ms', 100, '61s'),
  }
}
