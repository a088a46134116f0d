import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@honoscope/testing'
import { type TestDatabase, testDatabase } from '@honoscope/testing/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { newAuthority, newPair, type Pair } from '../testing/certificates.ts'
import { type Child, freePort, startChild } from './child.ts'
import { adminKey } from './support.ts'
import { tokmesh } from './tokmesh.ts'

const folder = mkdtempSync(join(tmpdir(), 'tokmesh-config-'))
const children: Child[] = []
let database: TestDatabase
let environment: Record<string, string>

beforeAll(async () => {
  database = await testDatabase()
  environment = {
    DATABASE_URL: database.url,
    TOKMESH_STORAGE_DATA_DIR: 'memory://',
    TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s',
  }
})
afterAll(async () => {
  for (const child of children) child.process.kill('SIGKILL')
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

const start = async (more: Record<string, string> = {}, flags: readonly string[] = []) => {
  const child = await startChild({ ...environment, ...more }, flags)
  children.push(child)
  return child
}
const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
/** Lines of the log that have this event. */
const events = (child: Child, event: string) =>
  child
    .stdout()
    .split('\n')
    .filter((line) => line.includes(`"event":"${event}"`))
    .map((line) => JSON.parse(line))

describe('a start', () => {
  it('tells what it runs with: sources, listeners, switches, versions', async () => {
    const file = write('start.yaml', 'telemetry: {metrics: {auth_enabled: false}}\nserver: {http: {adress: x}}')
    const child = await start({}, ['--config', file, '--telemetry.health.auth-enabled=true'])
    await until(() => child.stdout().includes('"ready"'))
    const [loaded] = events(child, 'config_loaded')
    expect(loaded).toMatchObject({
      sources: { file, flags: ['--telemetry.health.auth-enabled'] },
      listen: [child.url],
      database: 'postgres',
      switches: { metrics_auth: false, health_auth: true, https: false },
    })
    expect(loaded.sources.environment).toContain('DATABASE_URL')
    expect(loaded).not.toHaveProperty('configuration')
    expect(child.stdout()).toContain('did you mean server.http.address?')
    expect((await child.call('GET', '/health')).status).toBe(401)
    expect(child.stdout()).not.toContain('SECURITY: ')
    expect(await child.kill('SIGTERM')).toBe(0)
  })

  it('with nothing but defaults warns that there is no file, and of open ports', async () => {
    const port = await freePort()
    const child = await start({
      TOKMESH_SERVER_HTTP_ADDRESS: `0.0.0.0:${port}`,
      TOKMESH_SECURITY_AUTH_ALLOW_LIST: '10.0.0.0/99',
      TOKMESH_TELEMETRY_TRACING_ENABLED: 'true',
      TOKMESH_TELEMETRY_TRACING_ENDPOINT: 'http://ada:hush@127.0.0.1:1',
    })
    await child.ready()
    const warnings = child
      .stdout()
      .split('\n')
      .filter((line) => line.includes('"WARN"'))
    for (const text of [
      'there is no configuration file',
      'SECURITY: TOKMESH_SECURITY_AUTH_ALLOW_LIST=10.0.0.0/99',
      `SECURITY: http://0.0.0.0:${port} can be reached from other machines, and without TLS`,
    ]) {
      expect(warnings.filter((line) => line.includes(text)).map((line) => line.length > 0)).toEqual([true])
    }
    await child.kill('SIGKILL')
  })

  it('is on record, with its security warnings, in a log that is to have errors alone', async () => {
    const address = `0.0.0.0:${await freePort()}`
    const quiet = { TOKMESH_TELEMETRY_LOGGING_LEVEL: 'error', TOKMESH_SERVER_HTTP_ADDRESS: address }
    const child = await start({ ...quiet, TOKMESH_SECURITY_AUTH_ALLOW_LIST: 'foo' })
    await until(() => child.stdout().includes('can be reached'))
    expect(events(child, 'config_loaded')).toHaveLength(1)
    const lines = child
      .stdout()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.filter(({ message }) => message.startsWith('SECURITY: '))).toHaveLength(2)
    expect(lines).toHaveLength(3)
    if (process.platform === 'win32') return
    child.process.kill('SIGHUP')
    await until(() => events(child, 'config_reloaded').length === 1)
    expect(events(child, 'config_reloaded')[0]).toMatchObject({ level: 'INFO', status: 'unchanged' })
    await child.kill('SIGKILL')
  })

  it('dumps the whole configuration when told to, and no secret that was planted', async () => {
    const child = await start(
      {
        DATABASE_URL: `${database.url}?application_name=hush`,
        TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
        TOKMESH_TELEMETRY_TRACING_ENDPOINT: 'http://ada:hush@127.0.0.1:1/?token=hush',
      },
      ['--telemetry.logging.dump-config=true'],
    )
    await child.ready()
    const [{ configuration }] = events(child, 'config_loaded')
    expect(Object.keys(configuration).length).toBeGreaterThan(40)
    expect(configuration).toMatchObject({ 'session.ttl.default': '2h', 'telemetry.logging.dump_config': true })
    const secret = adminKey.split(':')[1] ?? ''
    expect(child.stdout() + child.stderr()).not.toMatch(new RegExp(`hush|${secret}`))
    await child.kill('SIGKILL')
  })

  it('lists every problem of every source and ends with 1', async () => {
    const file = write('bad.yaml', 'session: {quota: {max_per_user: many}}\nserver: {https: {enabled: true}}')
    const tls = {
      TOKMESH_SERVER_HTTPS_TLS_KEY_FILE: write('no-key.pem', 'x'),
      TOKMESH_SERVER_HTTPS_TLS_CERT_FILE: 'no',
    }
    const child = await start({ ...tls, TOKMESH_SESSION_TTL_MAX: '1s' }, ['-c', file, '--session.ttl.maxx=1h'])
    expect(await child.exited).toBe(1)
    expect(child.stderr().match(/TM-CFG-\d+ \S+=/g)).toEqual([
      'TM-CFG-1001 session.quota.max_per_user=',
      'TM-CFG-1002 TOKMESH_SESSION_TTL_MAX=',
      'TM-CFG-1001 --session.ttl.maxx=',
      'TM-CFG-1003 TOKMESH_SERVER_HTTPS_TLS_CERT_FILE=',
      'TM-CFG-1007 TOKMESH_SERVER_HTTPS_TLS_KEY_FILE=',
    ])
    expect(child.stdout()).toBe('')
    const missing = await start({ TOKMESH_SERVER_CONFIG_FILE: join(folder, 'none.yaml') })
    expect(await missing.exited).toBe(1)
    expect(missing.stderr()).toContain('TM-CFG-1003 TOKMESH_SERVER_CONFIG_FILE=')
  })
})

describe('--print-config', () => {
  it('prints what it would start with, from which it starts with the same', async () => {
    const first = await start({}, ['--print-config', '--session.quota.max-per-user=7'])
    expect(await first.exited).toBe(0)
    expect(first.stderr()).toBe('')
    const printed = first.stdout()
    expect(parse(printed)).toMatchObject({ session: { quota: { max_per_user: 7 } } })
    expect(printed).toContain('max_per_user: 7 # --session.quota.max-per-user')
    expect(printed).not.toContain(new URL(database.url).password)
    const file = write('printed.yaml', printed)
    const again = await tokmesh(['start', '--config', file, '--print-config'])
    expect(again.code).toBe(0)
    const { security, ...same } = parse(printed)
    expect(parse(again.stdout)).toMatchObject(same)
    const child = await start({}, ['--config', file])
    await child.ready()
    expect(events(child, 'config_loaded')[0].sources.file).toBe(file)
    expect(await child.kill('SIGTERM')).toBe(0)
  })

  it('tells on standard error what was ignored', async () => {
    const file = write('ignored.yaml', 'session: {tll: 1h}\n')
    const environment = { TOKMESH_SESSION_TTL_MAX: 'long' }
    const ended = await tokmesh(['start', '--print-config', '-c', file], environment)
    expect(ended.code).toBe(0)
    expect(ended.stderr).toContain(`tokmesh: warning: session.tll (${file}:1): no such key`)
    expect(ended.stderr).toContain('tokmesh: warning: TOKMESH_SESSION_TTL_MAX=long: ')
  })

  it('ends with 1 and the problems when there are any', async () => {
    const ended = await tokmesh(['start', '--print-config', '--session.quota.max-per-user=0'])
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain('TM-CFG-1002 --session.quota.max-per-user=0')
  })
})

describe.skipIf(process.platform === 'win32')('SIGHUP', () => {
  const withLevel = (level: string, more = '') =>
    write('reload.yaml', `telemetry: {logging: {level: ${level}}}\n${more}`)

  it('changes the level of the log and nothing else; a bad file changes nothing', async () => {
    const child = await start({ TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey }, ['--config', withLevel('warn')])
    await child.ready()
    const create = () => child.call('POST', '/sessions', { key: adminKey, body: { user_id: 'ada' } })
    const created = () => child.stdout().split('"session created"').length - 1
    const hangUp = async () => {
      const before = events(child, 'config_reloaded').length
      child.process.kill('SIGHUP')
      await until(() => events(child, 'config_reloaded').length > before)
      return events(child, 'config_reloaded').at(-1)
    }
    await create()
    expect(created()).toBe(0)

    withLevel('info', 'session: {quota: {max_per_user: 1}}\n')
    expect(await hangUp()).toMatchObject({
      level: 'INFO',
      status: 'restart_needed',
      changes: [
        { key: 'session.quota.max_per_user', from: 50, to: 1, restart: true },
        { key: 'telemetry.logging.level', from: 'warn', to: 'info', restart: false },
      ],
    })
    // The second session of this user: the quota of the start is in force.
    expect((await create()).status).toBe(201)
    await until(() => created() === 1)

    for (const bad of ['loud', '[']) {
      withLevel(bad)
      expect(await hangUp()).toMatchObject({ level: 'ERROR', status: 'failed', changes: [] })
    }
    expect(events(child, 'config_reloaded').at(-2).problems[0]).toMatch(/^TM-CFG-1002 telemetry.logging.level=loud/)
    await create()
    await until(() => created() === 2)

    withLevel('info', 'session: {tll: 1h}\n')
    expect(await hangUp()).toMatchObject({ status: 'unchanged', changes: [] })
    expect(child.stdout()).toContain('session.tll')
    withLevel('warn')
    expect(await hangUp()).toMatchObject({ level: 'INFO', status: 'applied' })
    await create()
    expect((await child.call('GET', '/ready')).status).toBe(200)
    expect(created()).toBe(2)
    expect(await child.kill('SIGTERM')).toBe(0)
  })
})

describe('two listeners', () => {
  let pair: Pair
  let authority: Pair
  beforeAll(async () => {
    authority = await newAuthority('tests')
    pair = await newPair('localhost', authority)
    write('cert.pem', pair.cert)
    write('key.pem', pair.key)
  })

  const overTls = (port: number) =>
    new Promise<number | string>((resolve) => {
      const target = { host: '127.0.0.1', port, path: '/ready', ca: authority.cert, agent: false }
      get(target, (answer) => {
        answer.resume()
        answer.on('end', () => resolve(answer.statusCode ?? 0))
      }).on('error', (error) => resolve(error.message))
    })

  it('serve the same, and both close', async () => {
    const port = await freePort()
    const address = `127.0.0.1:${port}`
    const file = write(
      'tls.yaml',
      `server: {https: {enabled: true, address: "${address}", tls: {cert_file: cert.pem, key_file: key.pem}}}`,
    )
    const child = await start({}, ['--config', file])
    await child.ready()
    expect(await overTls(port)).toBe(200)
    expect(events(child, 'config_loaded')[0].listen).toEqual([child.url, `https://${address}`])
    expect(await child.kill('SIGTERM')).toBe(0)
    expect(await overTls(port)).toMatch(/ECONNREFUSED|connect/i)
  })

  it('may be HTTPS alone', async () => {
    const port = await freePort()
    const child = await start({}, [
      ...['--server.http.enabled=false', '--server.https.enabled=true', `--server.https.address=127.0.0.1:${port}`],
      ...[`--server.https.tls.cert-file=${join(folder, 'cert.pem')}`],
      ...[`--server.https.tls.key-file=${join(folder, 'key.pem')}`],
    ])
    await until(() => child.stdout().includes('"ready"'))
    expect(await overTls(port)).toBe(200)
    await expect(fetch(`${child.url}/health`)).rejects.toThrow()
    expect(await child.kill('SIGTERM')).toBe(0)
  })

  it('open both or none: the one that is taken is named', async () => {
    const port = await freePort()
    const flags = ['--server.https.enabled=true', `--server.https.address=127.0.0.1:${port}`]
    const files = ['cert', 'key'].map((name) => `--server.https.tls.${name}-file=${join(folder, `${name}.pem`)}`)
    const first = await start({}, [...flags, ...files])
    await first.ready()
    const second = await start({}, [...flags, ...files])
    expect(await second.exited).toBe(1)
    expect(second.stderr()).toContain(`cannot listen on 127.0.0.1:${port}: the port is taken`)
    await first.kill('SIGKILL')
  })
})
