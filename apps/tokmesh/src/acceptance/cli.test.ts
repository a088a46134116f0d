import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestDatabase, testDatabase } from '@honoscope/testing/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { flagOf, keyList } from '../config/keys.ts'
import { freePort, startChild } from './child.ts'
import { databases } from './support.ts'
import { type Ended, tokmesh } from './tokmesh.ts'

const folder = mkdtempSync(join(tmpdir(), 'tokmesh-cli-'))
const external: TestDatabase[] = []
afterAll(async () => {
  await Promise.all(external.map((database) => database.drop()))
  rmSync(folder, { recursive: true, force: true })
})

const credential = /^tmak-[0-7][0-9a-hjkmnp-tv-z]{25}:tmas_[0-9A-Za-z]{43}\n$/
/** What is on standard error beside the progress of slow steps, which a slow machine shows. */
const said = ({ stderr }: Ended) => stderr.replace(/^tokmesh: (opening the database|bringing the schema).*\n/gm, '')

describe.each(databases)('tokmesh on %s', (kind) => {
  const dataDir = join(folder, kind)
  let environment: Record<string, string>
  const run = (...args: readonly string[]) => tokmesh(args, environment, folder)
  /** What a command prints with `--json`. */
  const json = async (...args: readonly string[]) => {
    const ended = await run(...args, '--json')
    expect(ended, ended.stderr).toMatchObject({ code: 0 })
    return JSON.parse(ended.stdout)
  }

  beforeAll(async () => {
    environment = { TOKMESH_STORAGE_DATA_DIR: dataDir }
    if (kind === 'embedded') return
    const database = await testDatabase()
    external.push(database)
    environment.DATABASE_URL = database.url
  })

  it('migrate lists what is pending, takes it, and has nothing to do then', async () => {
    const { version, pending } = await json('migrate', '--dry-run')
    expect([version, pending[0]]).toEqual([0, 'sessions'])
    expect((await run('migrate', '--dry-run')).stdout).toMatch(/^pending sessions\n/)
    const applied = await run('migrate')
    expect(applied).toMatchObject({ code: 0 })
    expect(applied.stdout.split('\n').slice(0, -2)).toEqual(pending.map((name: string) => `applied ${name}`))
    expect(await json('migrate')).toEqual({ version: pending.length, applied: [] })
    expect((await run('migrate', '--dry-run')).stdout).toBe('nothing is pending\n')
  })

  it('A79: keys create prints one credential, which opens the service; a running server keeps its folder', async () => {
    const made = await run('keys', 'create', '--role', 'issuer', '--description', 'for the shop')
    expect(made).toMatchObject({ code: 0 })
    expect(said(made)).toBe('')
    expect(made.stdout).toMatch(credential)
    const child = await startChild({ ...environment, TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s' })
    try {
      await child.ready()
      const call = { key: made.stdout.trim(), body: { user_id: 'ada' } }
      expect((await child.call('POST', '/sessions', call)).status).toBe(201)
      if (kind === 'postgres') return
      const refused = await run('keys', 'create', '--role', 'admin')
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(said(refused)).toMatch(new RegExp(`^tokmesh: the data folder ${dataDir} is in use by process \\d+; stop`))
      expect(said(refused)).toContain('the admin API')
      const migrated = await run('migrate')
      expect(said(migrated)).toMatch(/in use by process \d+; stop that process first, or leave it to the server/)
      const { checks } = await json('doctor', `--server.http.address=127.0.0.1:${child.port}`)
      expect(found(checks, 'http port')).toMatch(/in use by a running TokMesh$/)
      expect(found(checks, 'database')).toContain(`process ${child.process.pid} has it open`)
    } finally {
      await child.kill('SIGTERM')
    }
  })

  it('keys: what was created can be listed, disabled, enabled and rotated, and is in the audit log', async () => {
    const wanted = ['--allowed', '10.0.0.0/8,::1', '--rate-limit', '7', '--expires-in', '720h']
    const made = await json('keys', 'create', '--role', 'admin', ...wanted)
    expect(`${made.key_id}:${made.key_secret}\n`).toMatch(credential)
    expect(Math.abs(made.expires_at - Date.now() - 720 * 3_600_000)).toBeLessThan(60_000)
    const disabled = await run('keys', 'disable', made.key_id.toUpperCase())
    expect(disabled.stdout).toBe(`${made.key_id} is disabled\n`)
    expect(said(disabled)).toContain('No admin key can be used any more')
    const { items, total_items } = await json('keys', 'list', '--role', 'admin', '--status', 'disabled')
    expect([total_items, items]).toMatchObject([
      1,
      [{ key_id: made.key_id, allowedlist: ['10.0.0.0/8', '::1'], rate_limit: 7, created_by: 'system' }],
    ])
    const list = await run('keys', 'list')
    expect(list.stdout).toMatch(new RegExp(`^KEY ID .*\n${made.key_id}  admin   disabled  7  `))
    expect(list.stdout).toContain('for the shop')
    expect(list.stdout).not.toMatch(/tmas_|argon2/)
    expect(await json('keys', 'enable', made.key_id)).toMatchObject({ key_id: made.key_id, status: 'active' })
    const rotated = await run('keys', 'rotate', made.key_id)
    expect(rotated.stdout).toMatch(credential)
    expect(said(rotated)).toMatch(/^tokmesh: the old secret works until \d{4}-/)

    const at = await json('keys', 'create', '--role', 'admin', '--expires-at', '2100-01-01')
    expect(at.expires_at).toBe(Date.UTC(2100, 0, 1))
    const child = await startChild({ ...environment, TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s' })
    try {
      await child.ready()
      const { data } = await child.call('GET', '/admin/v1/audit/logs?operator_id=system&size=100', {
        key: `${at.key_id}:${at.key_secret}`,
      })
      const mine = data.items.filter(({ resource }: { resource: string }) => resource === `key:${made.key_id}`)
      expect(mine.map(({ action }: { action: string }) => action)).toEqual([
        ...['KEY_ROTATED', 'KEY_ENABLED', 'KEY_DISABLED', 'KEY_CREATED'],
      ])
      const details = Object.fromEntries(mine.map((entry: Entry) => [entry.action, entry.details]))
      expect(details.KEY_CREATED).toEqual({
        ...{ role: 'admin', description: '', allowedlist: ['10.0.0.0/8', '::1'] },
        ...{ rate_limit: 7, expires_at: made.expires_at },
      })
      expect(details.KEY_ROTATED).toEqual({ old_secret_valid_until: expect.any(Number) })
      expect(JSON.stringify(data)).not.toMatch(/tmas_/)
    } finally {
      await child.kill('SIGTERM')
    }
  })

  it.each([
    [['keys', 'disable', 'tmak-01hzzzzzzzzzzzzzzzzzzzzzzz'], 'there is no key with this id'],
    [['keys', 'rotate', 'nonsense'], 'there is no key with this id'],
    [['keys', 'create', '--role', 'admin', '--allowed', '10.0.0.0/33'], '10.0.0.0/33'],
    [['keys', 'create', '--role', 'admin', '--rate-limit', '0'], '--rate-limit is outside 1 to 1000000'],
    [['keys', 'create', '--role', 'admin', '--description', 'x'.repeat(257)], '256 characters'],
  ])('%j fails with 1 and a sentence', async (args, sentence) => {
    const ended = await run(...args, '--json')
    expect(ended.code).toBe(1)
    expect(said(ended)).toContain(sentence)
    expect(ended.stderr).not.toMatch(/\n\s+at /)
    expect(JSON.parse(ended.stdout).error[0]).toContain(sentence)
  })

  it('keys list marks a key that has expired', async () => {
    const { key_id } = await json('keys', 'create', '--role', 'validator', '--expires-at', '2020-01-01')
    expect((await run('keys', 'list', '--role', 'validator')).stdout).toContain(`${key_id}  validator  active, expired`)
    expect((await json('keys', 'list', '--role', 'validator')).items).toMatchObject([{ status: 'active' }])
  })

  it('doctor finds nothing wrong, and changes nothing', async () => {
    const address = `--server.http.address=127.0.0.1:${await freePort()}`
    const { ok, checks } = await json('doctor', address)
    expect([ok, checks.filter(({ status }: { status: string }) => status !== 'pass')]).toEqual([true, []])
    const names = ['runtime', 'configuration', 'clock', 'argon2', 'data folder', 'database']
    expect(checks.map(({ check }: { check: string }) => check)).toEqual([
      ...[...names, 'database clock', 'database rights', 'database schema', 'http port'],
    ])
    expect(found(checks, 'database schema')).toMatch(/^version \d+, nothing pending$/)
    const text = await run('doctor', address)
    expect(text).toMatchObject({ code: 0 })
    expect(text.stdout).toMatch(/^STATUS {2}CHECK .*\nPASS {4}runtime /)
  })
})

interface Entry {
  readonly action: string
  readonly details: object
}
interface Check {
  readonly check: string
  readonly found: string
}
const found = (checks: readonly Check[], name: string) => checks.find(({ check }) => check === name)?.found

describe('tokmesh', () => {
  it('alone shows what there is, and help with examples for each command', async () => {
    expect(await tokmesh([])).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Commands:') })
    const commands = ['start', 'keys create', 'keys list', 'keys disable', 'keys enable', 'keys rotate', 'migrate']
    expect((await tokmesh([])).stdout).toContain('Examples:\n  ')
    for (const command of [...commands, 'config check', 'doctor', 'keys', 'config']) {
      const { code, stdout } = await tokmesh([...command.split(' '), '--help'])
      expect([command, code, stdout]).toEqual([command, 0, expect.stringContaining(`Examples:\n  `)])
    }
    const { stdout } = await tokmesh(['help', 'keys', 'create'])
    expect(stdout).toBe((await tokmesh(['keys', 'create', '--help'])).stdout)
    expect((await tokmesh(['--version'])).stdout).toMatch(/^tokmesh \d+\.\d+\.\d+\n$/)
  })

  it.each([
    [['keys', 'create'], '--role <role>'],
    [['keys', 'create', '--role', 'root'], 'metrics, validator, issuer, admin'],
    [['keys', 'create', '--role', 'admin', '--expires-in', '1 year'], 'Write a duration'],
    [['keys', 'create', '--role', 'admin', '--expires-at', 'soon'], 'Write it like'],
    [['keys', 'creat'], 'Did you mean create?'],
    [['strat'], 'Did you mean start?'],
    [['start', '--prot=1'], "unknown option '--prot=…'"],
    [['keys', 'disable'], "missing required argument 'key_id'"],
    [['start', '--server.http.prot=1'], 'TM-CFG-1001 --server.http.prot=…: no such flag'],
    [['keys', 'list', '--session.quota.max-per-user=0'], 'TM-CFG-1002 --session.quota.max-per-user=0'],
  ])('%j is refused with 1', async (args, sentence) => {
    const ended = await tokmesh(args, { TOKMESH_STORAGE_DATA_DIR: 'memory://' })
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain(sentence)
    expect(ended.stderr).toMatch(/^tokmesh: /)
  })

  it('shows no secret that was given in a wrong place', async () => {
    const secrets = [
      'tmas_hush',
      'tmtk_hush',
      'tmth_hush',
      '-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----',
    ]
    for (const [i, secret] of secrets.entries()) {
      const environment = {
        TOKMESH_STORAGE_DATA_DIR: 'memory://',
        TOKMESH_SESSION_TTL_MAX: secret,
        TOKMESH_SERVER_HTTPS_TLS_KEY_FILE: secret,
        TOKMESH_SERVER_HTTPS_TLS_CERT_FILE: secret,
        TOKMESH_SERVER_HTTPS_ENABLED: 'true',
      }
      const file = join(folder, `secret-${i}.yaml`)
      writeFileSync(file, `${secret.slice(0, 9)}: 1\ncluster: {node_id: ${JSON.stringify(secret)}}\n`)
      const flag = `--server.http.address=${secret}`
      const ended = await Promise.all([
        tokmesh(['config', 'check', flag, '-c', file], environment),
        tokmesh(['config', 'check', flag, '-c', file, '--json'], environment),
        tokmesh(['start', '--print-config'], environment),
        tokmesh(['start', `--config=${secret}`]),
        tokmesh(['start', `--api-key=${secret}`]),
        tokmesh(['start', '--api-key=hush']),
        tokmesh([secret]),
        tokmesh(['keys', 'list', '--status', secret, flag], environment),
        tokmesh(['keys', 'list', flag], environment),
      ])
      for (const { stdout, stderr } of ended) expect(stdout + stderr).not.toMatch(/hush|-----BEGIN/)
      expect(ended.map(({ code }) => code)).toEqual(ended.map((_, n) => (n === 2 && i < 3 ? ended[n]?.code : 1)))
    }
  }, 60_000)

  it('start --help tells type, default and range of every flag', async () => {
    const { stdout } = await tokmesh(['start', '--help'])
    for (const [, { path, type, range }] of keyList) {
      expect(stdout).toContain(`\n  ${flagOf(path)}=<${type}>\n`)
      if (!range.includes('`')) expect(stdout).toContain(range)
    }
    expect(stdout).toMatch(/\nsession:\n {2}--session.ttl.default=<duration>\n .*\(default: 2h; 1m to 8760h\)\n/)
  })

  it('says in JSON, too, how it is not called', async () => {
    const ended = await tokmesh(['keys', 'create', '--role', 'root', '--json'])
    expect(ended.code).toBe(1)
    expect(JSON.parse(ended.stdout).error[0]).toContain('metrics, validator, issuer, admin')
  })

  it('makes no key that would be lost at once', async () => {
    const ended = await tokmesh(['keys', 'create', '--role', 'admin'], { TOKMESH_STORAGE_DATA_DIR: 'memory://' })
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(said(ended)).toMatch(/^tokmesh: storage.data_dir is memory:\/\/, which keeps nothing/)
  })

  it('says that the data folder cannot be used, with code, field, cause and fix', async () => {
    const file = join(folder, 'no-folder')
    writeFileSync(file, '')
    for (const command of [['keys', 'list'], ['migrate'], ['start']]) {
      const ended = await tokmesh(command, { TOKMESH_STORAGE_DATA_DIR: join(file, 'data') })
      expect([command, ended.code]).toEqual([command, 1])
      expect(said(ended)).toBe(
        `tokmesh: TM-CFG-1004 TOKMESH_STORAGE_DATA_DIR=${join(file, 'data')}: storage.data_dir: the folder cannot be made, \
read or written (ENOTDIR); let the user that runs TokMesh write it, or set storage.data_dir to another folder\n`,
      )
    }
  })

  it('A79: says that the database is out of reach and why, without its password', async () => {
    const environment = { DATABASE_URL: 'postgres://u:sekret@127.0.0.1:1/x', TOKMESH_STORAGE_DATA_DIR: 'memory://' }
    const ended = await tokmesh(['keys', 'create', '--role', 'admin'], environment)
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain('ECONNREFUSED')
    const checked = await tokmesh(['doctor', '--json'], environment)
    expect(checked.code).toBe(1)
    const { checks } = JSON.parse(checked.stdout)
    expect(found(checks, 'database')).toContain('postgres://u:***REDACTED***@127.0.0.1:1/x')
    expect([ended, checked].map(({ stdout, stderr }) => stdout + stderr).join()).not.toContain('sekret')
  })

  it('config check lists everything that is wrong, or says that nothing is', async () => {
    const file = join(folder, 'check.yaml')
    writeFileSync(file, 'session:\n  quota: {max_per_user: 0}\n  tll: {}\nserver: {https: {enabled: true}}\n')
    const bad = await tokmesh(['config', 'check', '--config', file, '--json'], { DATABASE_URL: 'mysql://u:hush@h/d' })
    expect(bad.code).toBe(1)
    const { ok, problems, warnings, sources } = JSON.parse(bad.stdout)
    expect([ok, warnings.length, sources.file]).toEqual([false, 1, file])
    expect(problems.map(({ code, field }: { code: string; field: string }) => `${code} ${field}`)).toEqual([
      'TM-CFG-1002 session.quota.max_per_user',
      'TM-CFG-1001 DATABASE_URL',
      'TM-CFG-1006 server.https.tls.cert_file',
      'TM-CFG-1006 server.https.tls.key_file',
    ])
    const told = await tokmesh(['config', 'check', '-c', file], { DATABASE_URL: 'mysql://u:hush@h/d' })
    expect(told).toMatchObject({ code: 1, stdout: '' })
    expect(told.stderr).toContain(`warning: session.tll (${file}:3)`)
    expect(told.stderr).toContain('the configuration has 4 problems')
    expect(bad.stdout + told.stderr).not.toContain('hush')
    writeFileSync(file, 'session:\n  quota: {max_per_user: 1}\n')
    const ignored = await tokmesh(['config', 'check', '-c', file], { HEALTH_CHECK_DB_TIMEOUT: 'soon' })
    expect(ignored.stdout).toBe(`ok: ${file}, 3 variables, 0 flags\n`)
    const good = await tokmesh(['config', 'check', '-c', file, '--server.http.address=:1'])
    expect(good).toEqual({ code: 0, stderr: '', stdout: `ok: ${file}, 3 variables, 1 flag\n` })
  })
})
