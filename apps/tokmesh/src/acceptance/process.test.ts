import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestDatabase, testDatabase } from '@honoscope/testing/postgres'
import { afterAll, describe, expect, it } from 'vitest'
import { type Child, startChild } from './child.ts'
import { adminKey, metricsKey, pause, startNode } from './support.ts'

const children: Child[] = []
const folders: string[] = []
const databases: TestDatabase[] = []
afterAll(async () => {
  for (const child of children) child.process.kill('SIGKILL')
  await Promise.all(databases.map((database) => database.drop()))
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokmesh-'))
  folders.push(folder)
  return folder
}
const start = async (environment: Record<string, string>) => {
  const child = await startChild(environment)
  children.push(child)
  return child
}
/** Environment for PostgreSQL, which is quicker to start on than a new embedded database. */
const onPostgres = async () => {
  const database = await testDatabase()
  databases.push(database)
  return { DATABASE_URL: database.url, TOKMESH_STORAGE_DATA_DIR: newFolder() }
}
const printedKeys = (text: string) =>
  Object.fromEntries([...text.matchAll(/^bootstrap (\w+) key: (\S+)$/gm)].map(([, role, key]) => [role, key]))

describe('A79: the first keys', () => {
  it('are made and printed once on the embedded database, and outlive kill -9, as acknowledged sessions do', async () => {
    const folder = newFolder()
    const first = await start({ TOKMESH_STORAGE_DATA_DIR: folder })
    await first.ready()
    expect(first.stderr()).toMatch(/^bootstrap admin key: tmak-\S+:tmas_\S{43}\nbootstrap metrics key: tmak-\S+\n$/)
    expect(first.stdout()).not.toMatch(/tmas_/)
    const { admin, metrics } = printedKeys(first.stderr())
    expect((await first.call('GET', '/metrics', { key: metrics })).status).toBe(200)
    const made = await Promise.all(
      Array.from({ length: 30 }, () =>
        first.call('POST', '/sessions', { key: admin, body: { user_id: 'secret-user' } }),
      ),
    )
    const nodeId = readFileSync(join(folder, 'node_id'), 'utf8')
    await first.kill('SIGKILL')

    const second = await start({ TOKMESH_STORAGE_DATA_DIR: folder, TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey })
    await second.ready()
    expect(second.stderr()).toBe('')
    expect(second.stdout()).toContain('are not looked at: there are keys already')
    expect(readFileSync(join(folder, 'node_id'), 'utf8')).toBe(nodeId)
    for (const { data } of made) {
      const { status } = await second.call('POST', '/tokens/validate', { key: admin, body: { token: data.token } })
      expect(status).toBe(200)
    }
    expect(await second.kill('SIGTERM')).toBe(0)

    // A06, A08, A87: neither files nor logs hold a token or a secret, and the logs no user id.
    const text = [first, second].map((child) => child.stdout()).join('')
    expect(text).not.toMatch(/secret-user|tmtk_[^*]|tmas_[^*]/)
    const secrets = [...made.map(({ data }) => data.token), admin?.split(':')[1], metrics?.split(':')[1]]
    const files = filesOf(folder).map((file) => readFileSync(file, 'latin1'))
    expect(files.some((content) => content.includes('tmth_'))).toBe(true)
    for (const secret of secrets) expect(files.some((content) => content.includes(secret))).toBe(false)
  })

  it('come from the environment, and only those that are named there', async () => {
    const node = await startNode('embedded', { TOKMESH_BOOTSTRAP_METRICS_KEY: '' })
    try {
      expect(node.printed).toEqual([])
      expect((await node.call('GET', '/admin/v1/keys', { key: adminKey })).data.items).toMatchObject([
        { key_id: adminKey.split(':')[0], role: 'admin', created_by: 'system' },
      ])
    } finally {
      await node.stop()
    }
  })

  it('are not invented for an external database: a warning names the command, and calls get 401', async () => {
    const node = await startNode('postgres', { TOKMESH_BOOTSTRAP_ADMIN_KEY: '', TOKMESH_BOOTSTRAP_METRICS_KEY: '' })
    try {
      expect(node.printed).toEqual([])
      const warning = node.logged.find((line) => line.includes('"level":"WARN"'))
      expect(warning).toContain('tokmesh keys create')
      expect((await node.call('GET', '/admin/v1/keys', { key: adminKey })).code).toBe('TM-AUTH-4011')
    } finally {
      await node.stop()
    }
  })

  it('are imported by one of several nodes that start at once', async () => {
    const database = await testDatabase()
    const environment = { DATABASE_URL: database.url, TOKMESH_BOOTSTRAP_METRICS_KEY: '' }
    const keyOf = (i: number) => adminKey.replace('tmak-01h', `tmak-0${i}h`)
    const nodes = await Promise.all(
      [1, 2, 3].map((i) => startNode('postgres', { ...environment, TOKMESH_BOOTSTRAP_ADMIN_KEY: keyOf(i) })),
    )
    try {
      await Promise.all(nodes.map((node) => node.service.prepared))
      const answers = await Promise.all(
        [1, 2, 3].map((i) => nodes[0]?.call('GET', '/admin/v1/keys', { key: keyOf(i) })),
      )
      expect(answers.filter((answer) => answer?.status === 200)).toHaveLength(1)
      expect(answers.find((answer) => answer?.status === 200)?.data.total_items).toBe(1)
    } finally {
      await Promise.all(nodes.map((node) => node.stop()))
      await database.drop()
    }
  })
})

describe('a start that can not be', () => {
  it('lists every problem of the configuration, with its code, and no secret', async () => {
    const child = await start({
      TOKMESH_BOOTSTRAP_ADMIN_KEY: 'tmak-nonsense:tmas_hush',
      DATABASE_URL: 'mysql://user:hush@host/db',
      TOKMESH_SESSION_QUOTA_MAX_PER_USER: '0',
      TOKMESH_SESSION_TTL_DEFAULT: '1000h',
      TOKMESH_CLUSTER_NODE_ID: 'me',
    })
    expect(await child.exited).toBe(1)
    const codes = [...child.stderr().matchAll(/^tokmesh: (TM-CFG-\d{4}) (\w+)=/gm)].map(([, code, field]) => [
      field,
      code,
    ])
    expect(Object.fromEntries(codes)).toEqual({
      TOKMESH_BOOTSTRAP_ADMIN_KEY: 'TM-CFG-1001',
      DATABASE_URL: 'TM-CFG-1001',
      TOKMESH_SESSION_QUOTA_MAX_PER_USER: 'TM-CFG-1002',
      TOKMESH_SESSION_TTL_DEFAULT: 'TM-CFG-1002',
      TOKMESH_CLUSTER_NODE_ID: 'TM-CFG-1001',
    })
    expect(child.stderr() + child.stdout()).not.toContain('hush')
  })

  it('A79: names two bootstrap keys with one id', async () => {
    const child = await start({
      TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
      TOKMESH_BOOTSTRAP_METRICS_KEY: adminKey,
      TOKMESH_STORAGE_DATA_DIR: 'memory://',
    })
    expect(await child.exited).toBe(1)
    expect(child.stderr()).toContain('TM-CFG-1005')
    expect(child.stderr()).not.toContain('tmas_')
  })

  it('says that the port is taken, or the data folder', async () => {
    const folder = newFolder()
    const first = await start({ TOKMESH_STORAGE_DATA_DIR: folder })
    await first.ready()
    const address = `127.0.0.1:${first.port}`
    const second = await start({ ...(await onPostgres()), TOKMESH_SERVER_HTTP_ADDRESS: address })
    expect(await second.exited).toBe(1)
    expect(second.stderr()).toContain(`cannot listen on ${address}: the port is taken`)
    expect(second.stderr()).not.toMatch(/\n\s+at /)
    const third = await start({ TOKMESH_STORAGE_DATA_DIR: folder })
    expect(await third.exited).toBe(1)
    expect(third.stderr()).toMatch(/ is in use by process \d+; stop that process first, or set storage.data_dir /)
    expect(third.stderr()).toContain(folder)
    expect((await first.call('GET', '/health')).status).toBe(200)
    await first.kill('SIGKILL')
  })
})

describe('a stop', () => {
  const environment = {
    TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
    TOKMESH_BOOTSTRAP_METRICS_KEY: metricsKey,
    TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '1s',
  }

  it('under load refuses and cuts nothing that was accepted; /ready is 503 at once, serving goes on', async () => {
    const child = await start({ ...environment, ...(await onPostgres()) })
    await child.ready()
    const made = { role: 'issuer', rate_limit: 1_000_000 }
    const { data: key } = await child.call('POST', '/admin/v1/keys', { key: adminKey, body: made })
    const { data } = await child.call('POST', '/sessions', { key: adminKey, body: { user_id: 'u' } })
    const body = JSON.stringify({ token: data.token })
    const head = `POST /tokens/validate HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key.key_id}:${key.key_secret}`
    const clients = Array.from({ length: 8 }, () =>
      hammer(child.port, `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
    )
    const answered = () => clients.reduce((sum, client) => sum + client.answered(), 0)
    while (answered() < 50) await pause(20)
    const exited = child.kill('SIGTERM')
    while (!child.stdout().includes('"message":"stopping"')) await pause(10)
    const before = answered()
    const ready = await child.call('GET', '/ready')
    expect(ready).toMatchObject({ status: 503, details: { checks: { shutdown: 'shutting down' } } })
    expect((await child.call('GET', '/health')).status).toBe(200)
    const { text } = await child.call('GET', '/metrics', { key: metricsKey })
    expect(text).toContain('tokmesh_cluster_nodes_total{status="draining"} 1')
    const ends = await Promise.all(clients.map((client) => client.end))
    expect(answered()).toBeGreaterThan(before)
    expect(ends).toEqual(clients.map(() => 'told to go'))
    expect(await exited).toBe(0)
    expect(child.stdout()).toContain('"message":"stopped"')
  })

  it('waits for a request that is under way', async () => {
    const child = await start({ ...environment, ...(await onPostgres()), TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s' })
    await child.ready()
    const body = '{"user_id":"slow"}'
    const head = `POST /sessions HTTP/1.1\r\nHost: x\r\nX-API-Key: ${adminKey}\r\nContent-Length: ${body.length}\r\n\r\n`
    const socket = connect(child.port, '127.0.0.1', () => socket.write(head + body.slice(0, 5)))
    socket.setEncoding('utf8')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await pause(200)
    const exited = child.kill('SIGTERM')
    await pause(800)
    expect(await connectionTo(child.port)).toBe('ECONNREFUSED')
    socket.write(body.slice(5))
    await closed
    expect(answer).toMatch(/^HTTP\/1.1 201 /)
    expect(answer).toMatch(/\r\nconnection: close\r\n/i)
    expect(await exited).toBe(0)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('is in order when %s comes while the database is opened', async (signal) => {
    const folder = newFolder()
    const child = await start({ ...environment, TOKMESH_STORAGE_DATA_DIR: folder })
    // The line before the database is opened.
    while (!child.stdout().includes('there is no configuration file')) await pause(5)
    expect([await child.kill(signal), child.stderr()]).toEqual([0, ''])
    expect(child.stdout()).toMatch(/"message":"stopping","signal":"SIG(TERM|INT)"[\s\S]*"message":"stopped"/)
    expect(child.stdout()).not.toContain('"listening"')
    const again = await start({ ...environment, TOKMESH_STORAGE_DATA_DIR: folder })
    await again.ready()
    await again.kill('SIGKILL')
  })

  it('ends at once on a second signal', async () => {
    const child = await start({ ...environment, ...(await onPostgres()), TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '30s' })
    await child.ready()
    child.process.kill('SIGINT')
    // A second one within a second is npm's copy of the same Ctrl-C.
    await pause(1300)
    const again = performance.now()
    expect(await child.kill('SIGINT')).toBe(1)
    expect(performance.now() - again).toBeLessThan(3000)
  })
})

/** What becomes of a new connection. */
function connectionTo(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve('taken')
    })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}

/**
 * Sends the same request over one connection, again and again, until an answer says that it is the last there.
 * `end` is `told to go` then, `cut` when the connection ended with a request unanswered, else the odd status.
 */
function hammer(port: number, request: string): { answered(): number; end: Promise<string> } {
  let [answered, received] = [0, '']
  const end = new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      received += chunk
      const [head = '', rest] = received.split('\r\n\r\n')
      if (rest === undefined || rest.length < Number(/content-length: (\d+)/i.exec(head)?.[1])) return
      received = ''
      answered++
      if (!head.startsWith('HTTP/1.1 200 ')) resolve(head)
      else if (/connection: close/i.test(head)) resolve('told to go')
      else socket.write(request)
    })
    socket.on('error', (error) => resolve(error.message))
    socket.on('close', () => resolve('cut'))
  })
  return { answered: () => answered, end }
}

function filesOf(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesOf(path) : [path]
  })
}
