import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { searchPath } from './config/file.ts'
import { flagOf, type KeyName, keyList, keys, variableOf } from './config/keys.ts'
import { plainConfig, printConfig } from './config/print.ts'
import { maskAddress } from './config/problem.ts'
import { type ConfigReading, describeProblem, describeWarning, readConfig } from './config.ts'
import { samples } from './testing/config-samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'tokmesh-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
/** Writes a configuration file and returns its path. */
const fileWith = (text: string) => {
  const path = join(folder, `${files++}.yaml`)
  writeFileSync(path, text)
  return path
}
/** A file that sets one key. */
const yamlOf = (path: string, value: string) =>
  path
    .split('.')
    .reduce(
      (text, part, i) => `${text}${'  '.repeat(i)}${part}:${i < path.split('.').length - 1 ? '\n' : ` ${value}\n`}`,
      '',
    )

const read = (environment: Record<string, string>, sources: Parameters<typeof readConfig>[1] = {}) =>
  readConfig(environment, { folder, ...sources })
const credential = (id: string) => `tmak-01hzzzzzzzzzzzzzzzzzzzzzz${id}:tmas_${'s'.repeat(43)}`
const told = ({ problems, warnings }: ConfigReading) =>
  [...problems.map(describeProblem), ...warnings.map(describeWarning)].join('\n')

const table = samples(folder)

/** What every source makes of one text for one key. */
const sources = [
  ['the environment', (path: string, text: string) => read({ [variableOf(path)]: text })],
  ['a flag', (path: string, text: string) => read({}, { flags: [`${flagOf(path)}=${text}`] })],
  [
    'a file',
    (path: string, text: string) => {
      const { yaml } = keyList.find(([, key]) => key.path === path)?.[1] ?? {}
      const plain = (yaml === 'number' || yaml === 'boolean') && /^[\d.]+$|^(true|false)$/.test(text)
      return read({}, { file: fileWith(yamlOf(path, plain ? text : JSON.stringify(text))) })
    },
  ],
] as const

/** What a key can't do without, beside its own value. */
const company: Partial<Record<KeyName, readonly string[]>> = {
  httpEnabled: ['TM-CFG-1005'],
  httpsEnabled: ['TM-CFG-1006', 'TM-CFG-1006'],
  tracingEnabled: ['TM-CFG-1006'],
  clusterEnabled: ['TM-CFG-1006', 'TM-CFG-1006'],
}

describe.each(keyList.map(([name, { path }]) => [path, name] as const))('%s', (path, name) => {
  const { default: initial, valid, value, out, wrong } = table[name]

  it('has the default of the contract', () => {
    const { config, origins } = read({})
    expect(config[name]).toEqual(initial as never)
    expect(origins[name]).toEqual({ kind: 'default' })
  })

  it.each(sources)('is read from %s', (source, from) => {
    const { config, origins, problems, warnings } = from(path, valid)
    expect(config[name]).toEqual(value as never)
    expect(problems.map(({ code }) => code)).toEqual(company[name] ?? [])
    expect(warnings).toEqual([])
    const kinds = { 'the environment': 'environment', 'a flag': 'flag', 'a file': 'file' }
    expect(origins[name].kind).toBe(kinds[source])
  })

  it.each(out === undefined ? [] : sources)('is refused out of range, from %s', (source, from) => {
    const { problems, config } = from(path, out ?? '')
    const field = { 'the environment': variableOf(path), 'a flag': flagOf(path), 'a file': path }[source]
    expect(problems).toMatchObject([{ code: 'TM-CFG-1002', field, value: out }])
    expect(config[name]).toEqual(initial as never)
    const [{ cause = '', fix = '', at = '' } = {}] = problems
    expect(Math.min(cause.length, fix.length)).toBeGreaterThan(5)
    if (source === 'a file') expect(at).toMatch(/\.yaml:\d+$/)
  })

  it.each(wrong === undefined ? [] : sources)('is of its type, from %s', (source, from) => {
    const { problems, warnings, config } = from(path, wrong ?? '')
    expect(config[name]).toEqual(initial as never)
    if (source === 'the environment') {
      expect(problems).toEqual([])
      expect(warnings).toMatchObject([{ field: variableOf(path), value: wrong }])
      expect(warnings[0]?.security ?? false).toBe(path.startsWith('security.'))
    } else {
      expect(warnings).toEqual([])
      expect(problems).toMatchObject([{ code: 'TM-CFG-1001', value: wrong }])
    }
  })

  it('is a problem in a file that gives it a section, a null or a list of sections', () => {
    for (const bad of ['{ a: 1 }', '', '[{ a: 1 }]', '~']) {
      expect(read({}, { file: fileWith(yamlOf(path, bad)) }).problems).toMatchObject([
        { code: 'TM-CFG-1001', field: path },
      ])
    }
  })
})

describe('sources', () => {
  it('have names that derive from the paths', () => {
    expect(variableOf(keys.tlsCertFile.path)).toBe('TOKMESH_SERVER_HTTPS_TLS_CERT_FILE')
    expect(flagOf(keys.maxBodyBytes.path)).toBe('--server.http.max-body-size')
    expect(flagOf(keys.antiReplayWindowMs.path)).toBe('--security.anti_replay.timestamp-window')
    expect(new Set(keyList.map(([, { path }]) => variableOf(path))).size).toBe(keyList.length)
  })

  it('are merged key by key: flags, then environment, then file, then defaults', () => {
    const file = fileWith('session:\n  quota: {max_per_user: 1}\n  ttl: {sample_size: 1, gc_interval: 1s}\n')
    const environment = { TOKMESH_SESSION_TTL_SAMPLE_SIZE: '2', TOKMESH_SESSION_QUOTA_MAX_PER_USER: '2' }
    const { config, flags, variables } = read(environment, { file, flags: ['--session.quota.max-per-user=3'] })
    expect([config.maxPerUser, config.sweepSampleSize, config.sweepIntervalMs, config.ttlMaxMs]).toEqual([
      ...[3, 2, 1000, 720 * 3_600_000],
    ])
    expect([flags, variables]).toEqual([['--session.quota.max-per-user'], Object.keys(environment)])
  })

  it('an ignored variable leaves the file in force, and one that is empty is none', () => {
    const file = fileWith('security: {auth: {allow_list: [10.0.0.0/8]}}')
    for (const text of ['10.0.0.0/99', ' ']) {
      expect(read({ TOKMESH_SECURITY_AUTH_ALLOW_LIST: text }, { file }).config.allowList).toEqual(['10.0.0.0/8'])
    }
    expect(told(read({ TOKMESH_SECURITY_AUTH_ALLOW_LIST: '10.0.0.0/99' }))).toContain('SECURITY')
  })

  it('are looked for in the order of the contract', () => {
    const environment = { XDG_CONFIG_HOME: '/xdg', HOME: '/home/ada', ProgramData: 'P' }
    const [etc, here, xdg] = ['/etc/tokmesh-server/config.yaml', '/here/config.yaml', '/xdg/tokmesh-server/config.yaml']
    expect(searchPath({ environment, folder: '/here', platform: 'linux' })).toEqual([etc, here, xdg])
    expect(searchPath({ environment, folder: '/here', platform: 'win32' })[0]).toMatch(
      /^P.tokmesh-server.config\.yaml$/,
    )
    expect(searchPath({ environment: { HOME: '/h' }, folder: '/w', platform: 'linux' })[2]).toContain('/h/.config/')
  })

  it('name the file that counts: --config, then the variable, then the working folder, then XDG_CONFIG_HOME', () => {
    const home = join(folder, 'home')
    mkdirSync(join(home, 'tokmesh-server'), { recursive: true })
    const perUser = (n: number) => `session: {quota: {max_per_user: ${n}}}`
    writeFileSync(join(home, 'tokmesh-server', 'config.yaml'), perUser(4))
    const environment: Record<string, string> = { XDG_CONFIG_HOME: home }
    expect(read(environment).config.maxPerUser).toBe(4)
    writeFileSync(join(folder, 'config.yaml'), perUser(3))
    expect(read(environment)).toMatchObject({ config: { maxPerUser: 3 }, file: join(folder, 'config.yaml') })
    environment.TOKMESH_SERVER_CONFIG_FILE = fileWith(perUser(2))
    expect(read(environment).config.maxPerUser).toBe(2)
    expect(read(environment, { file: fileWith(perUser(1)) }).config.maxPerUser).toBe(1)
    rmSync(join(folder, 'config.yaml'))
    expect(read({}).file).toBeUndefined()
  })

  it('a file that is named and missing is TM-CFG-1003, one that can not be read TM-CFG-1004', () => {
    for (const missing of ['none.yaml', '.']) {
      const { problems } = read({ TOKMESH_SERVER_CONFIG_FILE: missing })
      expect(problems).toMatchObject([{ code: 'TM-CFG-1003', field: 'TOKMESH_SERVER_CONFIG_FILE' }])
    }
    expect(read({}, { file: 'none.yaml' }).problems).toMatchObject([{ code: 'TM-CFG-1003', field: '--config' }])
    // Unreadable even for root, under which tests may run.
    symlinkSync('loop.yaml', join(folder, 'loop.yaml'))
    expect(read({}, { file: 'loop.yaml' }).problems).toMatchObject([{ code: 'TM-CFG-1004' }])
  })

  it('relative paths start at the folder of the file, else at the working folder', () => {
    mkdirSync(join(folder, 'etc'), { recursive: true })
    const file = join(folder, 'etc', 'c.yaml')
    writeFileSync(file, 'storage: {data_dir: here}\nserver: {https: {tls: {cert_file: ../c.pem}}}')
    const environment = { TOKMESH_SERVER_HTTPS_TLS_KEY_FILE: 'k.pem' }
    const { config } = read(environment, { file: join('etc', 'c.yaml') })
    expect([config.dataDir, config.tlsCertFile, config.tlsKeyFile]).toEqual([
      ...[join(folder, 'etc', 'here'), join(folder, 'c.pem'), join(folder, 'k.pem')],
    ])
    expect(read({}, { flags: ['--storage.data-dir=memory://'] }).config.dataDir).toBe('memory://')
  })
})

describe('a file', () => {
  it.each([
    ['session:\n  quota:\n    max_per_user: [1\n', 4],
    ['session:\n  ttl: {}\nsession:\n  ttl: {}\n', 3],
    ['session:\n\tttl: 1\n', 2],
    ['a: 1\n---\nb: 2\n', 2],
    ['- session\n', 1],
    ['just text', 1],
  ])('that is not sections and keys is one problem with its line: %j', (text, line) => {
    const { problems } = read({}, { file: fileWith(text) })
    expect(problems).toMatchObject([{ code: 'TM-CFG-1001', field: 'configuration file' }])
    expect(Math.abs(Number(problems[0]?.at?.split(':').at(-1)) - line)).toBeLessThanOrEqual(1)
    expect(problems[0]?.cause).not.toContain('\n')
  })

  it('that is not UTF-8 is one too, and one with nothing in it is none', () => {
    const path = fileWith('')
    expect(read({}, { file: path })).toMatchObject({ problems: [], file: path })
    expect(read({}, { file: fileWith('# only this\n---\n') }).problems).toEqual([])
    writeFileSync(path, new Uint8Array([0x73, 0xff, 0xfe]))
    expect(read({}, { file: path }).problems).toMatchObject([{ code: 'TM-CFG-1001' }])
  })

  it('may use anchors, and quote what it likes', () => {
    const text =
      'server: {http: {address: &a "127.0.0.1:1"}, https: {address: *a}}\nsession: {quota: {max_per_user: "7"}}'
    const { config, problems } = read({}, { file: fileWith(text) })
    expect([problems, config.maxPerUser, config.httpsAddress.port]).toEqual([[], 7, 1])
    const lost = read({}, { file: fileWith('server:\n  http: *nowhere\n') })
    expect(lost.problems).toMatchObject([
      { code: 'TM-CFG-1001', field: 'server.http', at: expect.stringMatching(/:2$/) },
    ])
  })

  it('warns of unknown keys without their values, and says what was meant', () => {
    const text = 'server:\n  http:\n    adress: hush\npasswords: hush\nmax_per_user: 5\nsever: {http: hush}\n'
    const reading = read({}, { file: fileWith(text) })
    expect(reading.problems).toEqual([])
    expect(reading.warnings.map(({ field, fix }) => [field, fix])).toEqual([
      ['server.http.adress', 'did you mean server.http.address?'],
      ['passwords', 'remove it'],
      ['max_per_user', 'did you mean session.quota.max_per_user?'],
      ['sever', 'did you mean server?'],
    ])
    expect(told(reading)).not.toContain('hush')
  })
})

describe('flags', () => {
  it('that are not known are problems that say what was meant, and show no value', () => {
    const { problems } = read(
      {},
      { flags: ['--server.http.adress=hush', '--database.password=hush', '--server.http.enabled'] },
    )
    expect(problems.map(({ field, fix }) => [field, fix])).toEqual([
      ['--server.http.adress', 'did you mean --server.http.address?'],
      ['--database.password', 'see "tokmesh start --help" for all flags'],
      ['--server.http.enabled', 'write --server.http.enabled=<true or false>'],
    ])
    expect(JSON.stringify(problems)).not.toContain('hush')
  })

  it('may set back what the file says to nothing; of two the last counts', () => {
    const file = fileWith('security: {auth: {allow_list: [10.0.0.0/8]}}')
    const flags = ['--security.auth.allow-list=', '--session.quota.max-per-user=1', '--session.quota.max-per-user=2']
    expect(read({}, { file, flags }).config).toMatchObject({ allowList: [], maxPerUser: 2 })
  })
})

describe('contradictions', () => {
  const https = {
    TOKMESH_SERVER_HTTPS_ENABLED: 'true',
    TOKMESH_SERVER_HTTPS_TLS_CERT_FILE: 'c',
    TOKMESH_SERVER_HTTPS_TLS_KEY_FILE: 'k',
  }
  const both = (http: string, tls: string) => ({
    ...{ ...https, TOKMESH_SERVER_HTTP_ADDRESS: http, TOKMESH_SERVER_HTTPS_ADDRESS: tls },
  })

  it.each([
    [both('127.0.0.1:1', '127.0.0.1:1'), ['TM-CFG-1005']],
    [both('0.0.0.0:1', '127.0.0.1:1'), ['TM-CFG-1005']],
    [both('[::]:1', '127.0.0.1:1'), ['TM-CFG-1005']],
    [both('localhost:1', '127.0.0.1:1'), ['TM-CFG-1005']],
    [both('127.0.0.1:1', '127.0.0.1:2'), []],
    [both('127.0.0.1:1', '127.0.0.2:1'), []],
    [{ ...both('127.0.0.1:1', '127.0.0.1:1'), TOKMESH_SERVER_HTTP_ENABLED: 'false' }, []],
    [{ TOKMESH_SERVER_HTTP_ENABLED: 'false' }, ['TM-CFG-1005']],
    [{ TOKMESH_SERVER_HTTPS_ENABLED: 'true' }, ['TM-CFG-1006', 'TM-CFG-1006']],
    [{ TOKMESH_TELEMETRY_TRACING_ENABLED: 'true' }, ['TM-CFG-1006']],
    [{ TOKMESH_TELEMETRY_TRACING_ENABLED: 'true', TOKMESH_TELEMETRY_TRACING_ENDPOINT: 'http://c:4318' }, []],
    [{ TOKMESH_CLUSTER_ENABLED: 'true', DATABASE_URL: 'postgres://h/d' }, ['TM-CFG-1006']],
    [{ TOKMESH_CLUSTER_ENABLED: 'true', TOKMESH_CLUSTER_ADVERTISE_ADDRESS: 'a:1' }, ['TM-CFG-1006']],
    [{ TOKMESH_CLUSTER_ENABLED: 'true', TOKMESH_CLUSTER_ADVERTISE_ADDRESS: 'a:1', DATABASE_URL: 'postgres://h/d' }, []],
    [{ TOKMESH_SESSION_TTL_DEFAULT: '721h' }, ['TM-CFG-1002']],
    [{ TOKMESH_SESSION_TTL_MAX: '1h' }, ['TM-CFG-1002']],
    [{ TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '31s' }, ['TM-CFG-1002']],
  ])('%j is %j', (environment, codes) => {
    const { problems } = read(environment)
    expect(problems.map(({ code }) => code)).toEqual(codes)
    for (const { key } of problems) expect(key ?? 'telemetry.tracing.endpoint').toMatch(/^\w+\.\w+/)
  })

  it('are told of the key that was set, and not of one that has a problem of its own', () => {
    expect(read({ TOKMESH_SESSION_TTL_MAX: '1h' }).problems).toMatchObject([
      { field: 'TOKMESH_SESSION_TTL_MAX', value: '1h' },
    ])
    expect(read({ TOKMESH_SESSION_TTL_DEFAULT: '9999h' }).problems).toHaveLength(1)
  })
})

describe('variables outside the key list', () => {
  it.each([
    ['DATABASE_URL', 'localhost:5432'],
    ['DATABASE_URL', 'postgres://u:100%@h/db'],
    ['DATABASE_URL', 'postgres://100%:p@h/db'],
    ['DATABASE_URL', 'postgres://u:p@h/100%'],
    ['DATABASE_URL', 'postgres://u:p@s%s@h/db'],
    ['DATABASE_URL', 'postgres://u:hunter2\nX@h/db'],
    ['DATABASE_URL', 'postgres://u:p@h/d\tb'],
    ['DATABASE_URL', 'postgres://u:p@h1:5432,h2:x/db'],
    ['DATABASE_URL', 'postgres://u:p@h1,/db'],
    ['DATABASE_URL', 'postgres://u:p@h1,h2/db?target_session_attrs=any'],
    ['DATABASE_URL', 'postgres://u:p@h1/db?target_session_attrs=standby'],
    ['TOKMESH_BOOTSTRAP_METRICS_KEY', 'tmak-x'],
    ['TOKMESH_CLUSTER_NODE_ID', 'tmnd-'],
  ])('refuses %s=%s with TM-CFG-1001', (field, value) => {
    expect(read({ [field]: value }).problems).toMatchObject([{ code: 'TM-CFG-1001', field }])
  })

  it.each([
    'postgresql://a%40b:100%25%2F%3A@[::1]:5432/my%20db?sslmode=require',
    'postgres://tokmesh@%2Fvar%2Frun%2Fpostgresql/tokmesh',
  ])('takes an address of a database with anything that is escaped in it: %s', (url) => {
    expect(read({ DATABASE_URL: url })).toMatchObject({ problems: [], config: { databaseUrl: url } })
  })

  it.each([
    'postgres://u:p%2C@h1:5432,h2:5433,[::1]/db?target_session_attrs=read-write',
    'postgres://u@h1,h2/db?target_session_attrs=primary&sslmode=require',
    'postgres://u:p@h/db?target_session_attrs=primary',
  ])('takes an address of several servers, and what is asked of them: %s', (url) => {
    expect(read({ DATABASE_URL: url })).toMatchObject({ problems: [], config: { databaseUrl: url } })
  })

  it('takes standbys, and refuses them one by one, without their passwords', () => {
    const [primary, one, other] = ['postgres://u:hush@a/d', 'postgres://u:hush@b/d', 'postgresql://u:hush@c:5433/d']
    expect(read({ DATABASE_URL: primary }).config.databaseReplicaUrls).toEqual([])
    const both = read({ DATABASE_URL: primary, DATABASE_REPLICA_URLS: `${one}, ${other},` })
    expect(both).toMatchObject({ problems: [], config: { databaseReplicaUrls: [one, other] } })
    expect(both.variables).toContain('DATABASE_REPLICA_URLS')
    const { problems } = read({ DATABASE_URL: primary, DATABASE_REPLICA_URLS: `${one},mysql://u:hush@c/d` })
    expect(problems).toMatchObject([{ code: 'TM-CFG-1001', field: 'DATABASE_REPLICA_URLS' }])
    expect(problems[0]?.cause).toBe('address 2 of 2: not a postgres:// URL')
    expect(read({ DATABASE_REPLICA_URLS: one }).problems.map(describeProblem)).toEqual([
      'TM-CFG-1006 DATABASE_REPLICA_URLS=***REDACTED***: there is no DATABASE_URL of whose database they were copies; set DATABASE_URL to that of the primary',
    ])
    expect(printConfig(both)).toContain(
      'standbys: postgres://u:***REDACTED***@b/d, postgresql://u:***REDACTED***@c:5433/d',
    )
    expect(printConfig(both) + JSON.stringify(problems)).not.toContain('hush')
  })

  it('ignores a timeout that is none, and warns of a slip in a name', () => {
    const { config, warnings } = read({
      ...{ HEALTH_CHECK_DB_TIMEOUT: '5', HEALTH_CHECK_AI_TIMEOUT: 'soon', TOKMESH_SERVICE_HOST: '10.0.0.1' },
      ...{ TOKMESH_SERVICE_PORT_HTTP: '5080', TOKMESH_PORT_5080_TCP_ADDR: '10.0.0.1' },
      TOKMESH_SERVER_HTTP_ADRESS: 'x',
    })
    expect(config.healthDbTimeoutMs).toBe(2000)
    expect(warnings.map(({ field }) => field).sort()).toEqual([
      ...['HEALTH_CHECK_AI_TIMEOUT', 'HEALTH_CHECK_DB_TIMEOUT', 'TOKMESH_SERVER_HTTP_ADRESS'],
    ])
  })

  it('takes bootstrap keys, their ids in lower case, and refuses one id for both', () => {
    const text = credential('a')
    const [id = '', secret = ''] = text.split(':')
    const { config } = read({ TOKMESH_BOOTSTRAP_ADMIN_KEY: `${id.toUpperCase()}:${secret}` })
    expect(config.bootstrapKeys).toEqual([{ role: 'admin', keyId: id, secret }])
    const both = read({ TOKMESH_BOOTSTRAP_ADMIN_KEY: text, TOKMESH_BOOTSTRAP_METRICS_KEY: text })
    expect(both.problems).toMatchObject([{ code: 'TM-CFG-1005' }])
    expect(JSON.stringify(both.problems)).not.toContain(secret)
  })
})

describe('what is shown', () => {
  const planted = {
    DATABASE_URL: 'postgres://ada:hush%2F1@db/x?sslpassword=hush2',
    TOKMESH_BOOTSTRAP_ADMIN_KEY: credential('a'),
    TOKMESH_TELEMETRY_TRACING_ENDPOINT: 'https://ada:hush@otel:4318/?api_key=hush',
    TOKMESH_SERVER_HTTPS_TLS_KEY_FILE: '/etc/tls/private.pem',
  }

  it('printed and read again is the same, and says where each value comes from', () => {
    const file = fileWith('session: {ttl: {default: 90m}}\nsecurity: {auth: {allow_list: [10.0.0.0/8, "::1"]}}')
    const first = read(
      { TOKMESH_STORAGE_DATA_DIR: 'x y: #z' },
      { file, flags: ['--telemetry.tracing.sampling-ratio=0.25'] },
    )
    const text = printConfig(first)
    const again = readConfig({}, { file: fileWith(text), folder: tmpdir() })
    expect(again.problems).toEqual([])
    expect(again.warnings).toEqual([])
    expect(plainConfig(again.config)).toEqual(plainConfig(first.config))
    expect(parse(printConfig(again))).toEqual(parse(text))
    expect(text).toContain(`default: 1h30m # ${file}:1`)
    expect(text).toContain('sampling_ratio: 0.25 # --telemetry.tracing.sampling-ratio')
    expect(text).toMatch(/data_dir: .* # TOKMESH_STORAGE_DATA_DIR/)
    expect(text).toContain('max_per_user: 50 # default')
  })

  it('holds no secret: neither printed, nor logged, nor in a problem', () => {
    const reading = read(planted)
    const text = printConfig(reading) + JSON.stringify(plainConfig(reading.config)) + told(reading)
    expect(text).not.toMatch(/hush|sssss/)
    expect(text).toContain('/etc/tls/private.pem')
    expect(text).toContain('postgres://ada:***REDACTED***@db/x')
    const misplaced = read(
      { TOKMESH_SERVER_HTTP_ADDRESS: 'postgres://u:hush@h', TOKMESH_TELEMETRY_LOGGING_LEVEL: 'http://u:hush@h' },
      { flags: ['--server.https.address=postgres://u:hush@h/x'] },
    )
    expect(misplaced.problems.length + misplaced.warnings.length).toBe(3)
    expect(told(misplaced) + JSON.stringify(misplaced.problems)).not.toContain('hush')
  })

  it.each([
    'postgres://u:hush\nX@h/db',
    'postgres://u:X\r\nhush@h/db',
    'postgres://u\n1:hush@h/db',
    'postgres://u/1:hush@h/db',
    'postgres://u@h/db?sslpassword=X\nhush&a=1',
    'postgres://u@h/db?sslpassword=X hush',
  ])('holds no password with a break in it: %j', (address) => {
    const reading = read({ DATABASE_URL: address, TOKMESH_SERVER_HTTP_ADDRESS: address })
    const config = { ...reading.config, databaseUrl: address }
    expect(told(reading) + printConfig({ ...reading, config })).not.toContain('hush')
    expect(maskAddress(address)).not.toMatch(/hush|X/)
  })

  it('what was written, and which entry of a list is wrong', () => {
    const file = fileWith('security: {auth: {allow_list: [10.0.0.0/8, foo, 5]}}\n')
    const { problems } = read({}, { file, flags: ['--security.network.trusted-proxies=::1, bar'] })
    expect(problems).toMatchObject([
      { value: '[10.0.0.0/8, foo, 5]', cause: '"foo", "5": not of the type IP/CIDR[]' },
      { value: '::1, bar', cause: '"bar": not of the type IP/CIDR[]' },
    ])
    const { warnings } = read({ TOKMESH_SECURITY_AUTH_ALLOW_LIST: '10.0.0.0/8,foo' })
    expect(warnings).toMatchObject([
      { value: '10.0.0.0/8,foo', cause: expect.stringMatching(/^"foo": not understood/) },
    ])
    const nested = read({}, { file: fileWith('security: {auth: {allow_list: [10.0.0.0/8, {a: b}, "c,d"]}}\n') })
    expect(nested.problems).toMatchObject([{ code: 'TM-CFG-1001', value: '[10.0.0.0/8, {…}, c,d]' }])
    const both = read({ TOKMESH_SERVER_HTTPS_ENABLED: '1' }, { flags: ['--server.https.address=:5080'] })
    expect(both.problems.find(({ code }) => code === 'TM-CFG-1005')).toMatchObject({ value: ':5080' })
  })

  it('says that a folder is one, and what several documents are', () => {
    const folder = read({}, { file: tmpdir() })
    expect(folder.problems).toMatchObject([{ code: 'TM-CFG-1003', cause: 'it is a folder, not a file' }])
    const several = read({}, { file: fileWith('session: {}\n---\nsession: {}\n') })
    expect(several.problems).toMatchObject([{ code: 'TM-CFG-1001', cause: 'several documents' }])
  })

  it('every problem at once, each with code, field, value, cause and fix', () => {
    const file = fileWith('server:\n  http:\n    max_body_size: 1KB\n  https: 5\nsession:\n  ttl: {default: 1000h}\n')
    const environment = { TOKMESH_SESSION_QUOTA_MAX_PER_USER: '0', DATABASE_URL: 'mysql://u:hush@h/d' }
    const reading = read(environment, { file, flags: ['--server.http.addres=:1', '--telemetry.tracing.enabled=true'] })
    expect(reading.problems.map(({ code, field }) => [field, code])).toEqual([
      ['server.http.max_body_size', 'TM-CFG-1002'],
      ['server.https', 'TM-CFG-1001'],
      ['TOKMESH_SESSION_QUOTA_MAX_PER_USER', 'TM-CFG-1002'],
      ['--server.http.addres', 'TM-CFG-1001'],
      ['DATABASE_URL', 'TM-CFG-1001'],
      ['session.ttl.default', 'TM-CFG-1002'],
      ['telemetry.tracing.endpoint', 'TM-CFG-1006'],
    ])
    expect(told(reading)).toContain(
      `TM-CFG-1002 server.http.max_body_size=1KB (${file}:3): outside 1MB to 1GB; choose a size`,
    )
    expect(told(reading)).not.toContain('hush')
  })
})
