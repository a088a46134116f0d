import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabase } from '@honoscope/testing/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Child, startChild } from './child.ts'
import { adminKey, metricsKey, pause } from './support.ts'

/** Everything that must not be seen, by what it is. */
const planted = {
  userId: 'planted-user-4711@example.org',
  data: 'planted-session-data',
  ownToken: `tmtk_Planted${'x'.repeat(36)}`,
  wrongSecret: `tmas_Planted${'7'.repeat(36)}`,
  description: 'planted-with-tmas_PlantedInDescription0000000000',
}

/** Where a text may have been written, and what was. */
const written = new Map<string, string>()
const secrets = new Map<string, string>()

let child: Child
const cleanups: (() => Promise<unknown> | unknown)[] = []

beforeAll(async () => {
  const database = await testDatabase()
  cleanups.push(() => database.drop())
  const folder = mkdtempSync(join(tmpdir(), 'tokmesh-secrets-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const url = new URL(database.url)
  secrets.set('password of the database', url.password)
  child = await startChild({
    DATABASE_URL: url.href,
    TOKMESH_STORAGE_DATA_DIR: folder,
    TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
    TOKMESH_BOOTSTRAP_METRICS_KEY: metricsKey,
    TOKMESH_TELEMETRY_LOGGING_LEVEL: 'debug',
    TOKMESH_TELEMETRY_LOGGING_DUMP_CONFIG: 'true',
    TOKMESH_SESSION_QUOTA_MAX_PER_USER: '2',
  })
  cleanups.push(() => child.process.kill('SIGKILL'))
  await child.ready()
  await drive(child)
  await child.kill('SIGTERM')
  written.set('log', child.stdout())
  written.set('standard error', child.stderr())
  await crash(url, folder)
})
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

/** Calls every route, well and badly, with planted values wherever a client can put one. */
async function drive({ call }: Child): Promise<void> {
  const errors: string[] = []
  const send = async (method: string, path: string, body?: unknown, key = adminKey, headers = {}) => {
    const answer = await call(method, path, { key, body, headers })
    if (answer.status >= 400) errors.push(`${answer.text} ${JSON.stringify([...answer.headers])}`)
    return answer
  }
  const { userId, ownToken, wrongSecret, description } = planted
  const agent = { 'User-Agent': `agent ${ownToken} ${wrongSecret}` }
  const session = { user_id: userId, data: { note: planted.data }, token: ownToken }
  const { data: made } = await send('POST', '/sessions', session, adminKey, agent)
  const { data: other } = await send('POST', '/sessions', { user_id: userId })
  secrets.set('generated token', other.token)
  await send('POST', '/sessions', session)
  await send('POST', '/sessions', { user_id: userId })
  await send('POST', '/sessions', { ...session, user_id: userId.repeat(20) })
  await send('POST', '/sessions', { ...session, surprise: ownToken })
  await send('POST', '/sessions', `{"user_id": "${userId}", "token": "${ownToken}"`)
  await send('POST', '/tokens/validate', { token: ownToken, touch: true }, adminKey, agent)
  await send('POST', '/tokens/validate', { token: `${ownToken}!` })
  await send('POST', '/tokens/validate', { token: ownToken }, `${adminKey.split(':')[0]}:${wrongSecret}`, agent)
  await send('GET', `/sessions?user_id=${encodeURIComponent(userId)}&size=${ownToken}`)
  await send('GET', `/sessions?user_id=${encodeURIComponent(userId)}`)
  await send('GET', `/sessions/${ownToken}`)
  await send('GET', `/${ownToken}/${userId}`)
  await send('GET', '/health', undefined, adminKey, { 'X-Request-ID': `${ownToken} ${userId}` })
  await send('POST', `/sessions/${made.session_id}/renew`, { ttl_seconds: 0 })
  await send('POST', `/sessions/${made.session_id}/renew`, { ttl_seconds: 60 })
  await send('POST', `/sessions/${made.session_id}/revoke`)
  await send('POST', `/users/${encodeURIComponent(userId)}/sessions/revoke`)
  const key = await send('POST', '/admin/v1/keys', { role: 'issuer', description })
  secrets.set('key secret', key.data.key_secret)
  const rotated = await send('POST', `/admin/v1/keys/${key.data.key_id}/rotate`)
  secrets.set('rotated secret', rotated.data.new_key_secret)
  await send('POST', `/admin/v1/keys/${key.data.key_id}/status`, { status: 'disabled' })
  await send('POST', '/sessions', session, `${key.data.key_id}:${rotated.data.new_key_secret}`)
  await send('POST', '/admin/v1/keys', { role: wrongSecret, description })
  await send('POST', '/admin/v1/gc/trigger', { type: ownToken })
  // Entries can be queried within 1 s.
  await pause(1000)
  written.set('audit entries', (await send('GET', '/admin/v1/audit/logs?size=100')).text)
  written.set('metrics', (await send('GET', '/metrics')).text)
  written.set(
    'OpenMetrics',
    (await call('GET', '/metrics', { key: adminKey, headers: { Accept: 'application/openmetrics-text' } })).text,
  )
  written.set('OpenAPI', (await send('GET', '/openapi.json')).text)
  written.set('errors', errors.join('\n'))
}

/** Ends that are not orderly: a configuration that is wrong throughout, and a port that is taken. */
async function crash(url: URL, folder: string): Promise<void> {
  const wrong = await startChild({
    DATABASE_URL: `mysql://root:${url.password}@127.0.0.1/db`,
    TOKMESH_BOOTSTRAP_ADMIN_KEY: `tmak-nonsense:${planted.wrongSecret}`,
    TOKMESH_SERVER_HTTP_MAX_BODY_SIZE: '1B',
  })
  expect(await wrong.exited).toBe(1)
  const first = await startChild({ TOKMESH_STORAGE_DATA_DIR: 'memory://' })
  cleanups.push(() => first.process.kill('SIGKILL'))
  await first.ready()
  const taken = await startChild({
    DATABASE_URL: url.href,
    TOKMESH_STORAGE_DATA_DIR: folder,
    TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
    TOKMESH_SERVER_HTTP_ADDRESS: `127.0.0.1:${first.port}`,
  })
  expect(await taken.exited).toBe(1)
  written.set('crash output', [wrong.stdout(), wrong.stderr(), taken.stdout(), taken.stderr()].join('\n'))
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')
const secretOf = (credential: string) => credential.split(':')[1] ?? ''

const everywhere = [
  'log',
  'standard error',
  'audit entries',
  'metrics',
  'OpenMetrics',
  'OpenAPI',
  'errors',
  'crash output',
]

describe.each(everywhere)('what is planted is not in: %s', (where) => {
  it('no token, secret, hash, password or session data', () => {
    const text = written.get(where) ?? ''
    if (where !== 'standard error') expect(text.length).toBeGreaterThan(50)
    const all: Record<string, string> = {
      ...Object.fromEntries(secrets),
      ...{ data: planted.data, ownToken: planted.ownToken, wrong: planted.wrongSecret },
      'hash of the token': hashOf(planted.ownToken),
      'hash of the generated token': hashOf(secrets.get('generated token') ?? ''),
      'admin secret': secretOf(adminKey),
      'metrics secret': secretOf(metricsKey),
      'secret in a description': 'tmas_PlantedInDescription',
    }
    for (const [what, value] of Object.entries(all)) {
      expect(value.length).toBeGreaterThan(10)
      expect({ what, found: text.includes(value) }).toEqual({ what, found: false })
    }
    expect(text).not.toMatch(/\$argon2id\$/)
  })
})

it.each(everywhere.filter((where) => where !== 'audit entries'))('A87 no user id is in: %s', (where) => {
  expect(written.get(where)).not.toContain(planted.userId)
  expect(written.get(where)).not.toContain(encodeURIComponent(planted.userId))
})

it('A87 the audit entries of these calls name the user', () => {
  const { data } = JSON.parse(written.get('audit entries') ?? '{}')
  const created = data.items.filter(({ action }: { action: string }) => action === 'SESSION_CREATED')
  expect(created.some(({ details }: { details: { user_id?: string } }) => details.user_id === planted.userId)).toBe(
    true,
  )
})
