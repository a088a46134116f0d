import { describe, expect, it } from 'vitest'
import { keys, variableOf } from './config/keys.ts'
import { isIpOrCidr, parseBoolean, parseDuration, parseHostPort, parseInteger, parseSize } from './config/parse.ts'
import { readConfig } from './config.ts'

const credential = (id: string) => `tmak-01hzzzzzzzzzzzzzzzzzzzzzz${id}:tmas_${'s'.repeat(43)}`

describe('readConfig', () => {
  it('has the defaults of the contract', () => {
    const { config, problems, warnings } = readConfig({})
    expect([problems, warnings]).toEqual([[], []])
    expect(config).toEqual({
      httpAddress: { host: '127.0.0.1', port: 5080 },
      maxBodyBytes: 1_048_576,
      shutdownTimeoutMs: 30_000,
      shutdownGraceMs: 5000,
      ttlDefaultMs: 7_200_000,
      ttlMaxMs: 720 * 3_600_000,
      sweepIntervalMs: 100,
      sweepSampleSize: 20,
      tombstoneTtlMs: 24 * 3_600_000,
      maxPerUser: 50,
      allowList: [],
      trustedProxies: [],
      rotationGraceMs: 3_600_000,
      authCacheCapacity: 10_000,
      authCacheTtlMs: 60_000,
      argon2MemoryKib: 16_384,
      argon2Iterations: 2,
      argon2Parallelism: 2,
      antiReplayRequired: false,
      antiReplayWindowMs: 30_000,
      nonceTtlMs: 60_000,
      nonceCacheSize: 100_000,
      metricsAuth: true,
      healthAuth: false,
      logLevel: 'info',
      dataDir: './data',
      nodeId: '',
      databaseUrl: undefined,
      healthDbTimeoutMs: 2000,
      bootstrapKeys: [],
    })
  })

  it('derives the names of variables from the paths', () => {
    expect(variableOf(keys.httpAddress.path)).toBe('TOKMESH_SERVER_HTTP_ADDRESS')
    expect(variableOf(keys.dataDir.path)).toBe('TOKMESH_STORAGE_DATA_DIR')
    expect(new Set(Object.values(keys).map(({ path }) => variableOf(path))).size).toBe(Object.keys(keys).length)
  })

  it('warns of text that is not of its type, and goes on without it', () => {
    const { config, problems, warnings } = readConfig({
      TOKMESH_SERVER_SHUTDOWN_TIMEOUT: 'soon',
      TOKMESH_SECURITY_ANTI_REPLAY_REQUIRED: 'perhaps',
      HEALTH_CHECK_DB_TIMEOUT: '5',
    })
    expect(problems).toEqual([])
    expect(warnings.map(({ field, value }) => [field, value])).toEqual([
      ['TOKMESH_SERVER_SHUTDOWN_TIMEOUT', 'soon'],
      ['TOKMESH_SECURITY_ANTI_REPLAY_REQUIRED', 'perhaps'],
      ['HEALTH_CHECK_DB_TIMEOUT', '5'],
    ])
    expect(config).toMatchObject({ shutdownTimeoutMs: 30_000, antiReplayRequired: false, healthDbTimeoutMs: 2000 })
  })

  it.each([
    ['TOKMESH_SERVER_HTTP_ADDRESS', '127.0.0.1:70000', 'TM-CFG-1002'],
    ['TOKMESH_SESSION_TTL_MAX', '9000h', 'TM-CFG-1002'],
    ['TOKMESH_TELEMETRY_LOGGING_LEVEL', 'loud', 'TM-CFG-1002'],
    ['TOKMESH_SECURITY_AUTH_CACHE_TTL', '9s', 'TM-CFG-1002'],
    ['TOKMESH_SECURITY_AUTH_ARGON2_MEMORY', '100', 'TM-CFG-1002'],
    ['TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD', '31s', 'TM-CFG-1002'],
    ['TOKMESH_SESSION_TTL_DEFAULT', '721h', 'TM-CFG-1002'],
    ['TOKMESH_CLUSTER_NODE_ID', 'tmnd-', 'TM-CFG-1001'],
    ['DATABASE_URL', 'localhost:5432', 'TM-CFG-1001'],
    ['TOKMESH_BOOTSTRAP_METRICS_KEY', 'tmak-x', 'TM-CFG-1001'],
  ])('refuses %s=%s with %s, its cause and what to do', (field, value, code) => {
    const { problems } = readConfig({ [field]: value })
    expect(problems).toMatchObject([{ code, field }])
    for (const { cause, fix } of problems) expect(Math.min(cause.length, fix.length)).toBeGreaterThan(5)
  })

  it('takes bootstrap keys, their ids in lower case, and refuses one id for both', () => {
    const text = credential('a')
    const [id = '', secret = ''] = text.split(':')
    const { config } = readConfig({ TOKMESH_BOOTSTRAP_ADMIN_KEY: `${id.toUpperCase()}:${secret}` })
    expect(config.bootstrapKeys).toEqual([{ role: 'admin', keyId: id, secret }])
    const both = readConfig({ TOKMESH_BOOTSTRAP_ADMIN_KEY: text, TOKMESH_BOOTSTRAP_METRICS_KEY: text })
    expect(both.problems).toMatchObject([{ code: 'TM-CFG-1005' }])
    expect(JSON.stringify(both.problems)).not.toContain(secret)
  })
})

describe('values', () => {
  it.each([
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['250us', 0.25],
    ['0s', 0],
    ['-1s', -1000],
    ['5', undefined],
    ['5 s', undefined],
    ['', undefined],
    ['1d', undefined],
  ])('reads the duration %s', (text, ms) => expect(parseDuration(text)).toBe(ms))

  it('reads sizes, whole numbers and booleans', () => {
    expect([parseSize('1mb'), parseSize('2 GB'), parseSize('10'), parseSize('1TB')]).toEqual([
      1_048_576,
      2_147_483_648,
      undefined,
      undefined,
    ])
    expect([parseInteger('-7'), parseInteger('7.0'), parseInteger('0x7')]).toEqual([-7, undefined, undefined])
    expect([parseBoolean('TRUE'), parseBoolean('0'), parseBoolean('yes')]).toEqual([true, false, undefined])
  })

  it('reads addresses', () => {
    expect(parseHostPort('[::1]:5080')).toEqual({ host: '::1', port: 5080 })
    expect(parseHostPort(':5080')).toEqual({ host: '0.0.0.0', port: 5080 })
    for (const bad of ['5080', 'host', '::1:5080', 'host:', 'http://host:1']) expect(parseHostPort(bad)).toBeUndefined()
    for (const good of ['10.0.0.1', '10.0.0.0/8', '::1', '2001:db8::/32']) expect(isIpOrCidr(good)).toBe(true)
    for (const bad of ['10.0.0', '10.0.0.0/33', '::/129', 'fe80::1%eth0', '10.0.0.0/8/8', '/8', 'x'])
      expect(isIpOrCidr(bad)).toBe(false)
  })
})
