import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres, testDatabase } from '@honoscope/testing/postgres'
import { startTcpProxy } from '@honoscope/testing/tcp-proxy'
import { sql } from 'drizzle-orm'
import { afterAll, describe, expect, it } from 'vitest'
import { createAuditStore } from '../store/audit.ts'
import { openDatabase } from '../store/database.ts'
import { type Child, startChild } from './child.ts'
import { adminKey, databases, metricsKey, pause } from './support.ts'

const folders: string[] = []
const children: Child[] = []
afterAll(() => {
  for (const child of children) child.process.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

async function start(environment: Record<string, string>): Promise<{ child: Child; dataDir: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tokmesh-audit-'))
  folders.push(dataDir)
  const child = await startChild({
    TOKMESH_STORAGE_DATA_DIR: dataDir,
    TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
    TOKMESH_BOOTSTRAP_METRICS_KEY: metricsKey,
    TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s',
    ...environment,
  })
  children.push(child)
  await child.ready()
  return { child, dataDir }
}

/** Creates so many sessions at once; their ids. */
async function create(child: Child, count: number): Promise<string[]> {
  const answers = await Promise.all(
    Array.from({ length: count }, (_, n) =>
      child.call('POST', '/sessions', { key: adminKey, body: { user_id: `user ${n}` } }),
    ),
  )
  return answers.filter(({ status }) => status === 201).map(({ data }) => data.session_id)
}

/** Resources of the successful creates in the audit log. */
async function audited(dataDir: string, url: string | undefined): Promise<string[]> {
  const database = await openDatabase({ dataDir, url })
  try {
    const found: string[] = []
    for (let page = 1; ; page++) {
      const { items } = await createAuditStore(database).query({ action: 'SESSION_CREATED', page, size: 100 })
      found.push(...items.filter(({ result }) => result === 'SUCCESS').map(({ resource }) => resource))
      if (items.length < 100) return found.sort()
    }
  } finally {
    await database.close()
  }
}

const asResources = (ids: readonly string[]) => ids.map((id) => `session:${id}`).sort()

describe.each(databases)('a process on %s that is told to stop', (kind) => {
  it('has written every entry of 200 acknowledged writes by its end', async () => {
    const external = kind === 'postgres' ? await testDatabase() : undefined
    const { child, dataDir } = await start(external ? { DATABASE_URL: external.url } : {})
    try {
      const made = await create(child, 200)
      // An overloaded machine may refuse some; what was acknowledged counts.
      expect(made.length).toBeGreaterThan(100)
      expect(await child.kill('SIGTERM')).toBe(0)
      expect(await audited(dataDir, external?.url)).toEqual(asResources(made))
    } finally {
      await external?.drop()
    }
  }, 60_000)

  it('loses at most the last moment to kill -9', async () => {
    const external = kind === 'postgres' ? await testDatabase() : undefined
    const { child, dataDir } = await start(external ? { DATABASE_URL: external.url } : {})
    try {
      const early = await create(child, 50)
      await pause(1000)
      const late = await create(child, 50)
      await child.kill('SIGKILL')
      const found = await audited(dataDir, external?.url)
      expect(found).toEqual(expect.arrayContaining(asResources(early)))
      expect(asResources([...early, ...late])).toEqual(expect.arrayContaining(found))
    } finally {
      await external?.drop()
    }
  }, 60_000)
})

describe('a process that is told to stop while its entries cannot be written', () => {
  it('writes them when the database comes back in time', async () => {
    const server = await startPostgres()
    const proxy = await startTcpProxy(server.port)
    const { child, dataDir } = await start({
      DATABASE_URL: server.url.replace(`:${server.port}/`, `:${proxy.port}/`),
    })
    try {
      const made = await create(child, 30)
      proxy.freeze()
      const exited = child.kill('SIGTERM')
      setTimeout(() => proxy.thaw(), 1500)
      expect(await exited).toBe(0)
      expect(await audited(dataDir, server.url)).toEqual(asResources(made))
    } finally {
      await proxy.stop()
      await server.stop()
    }
  }, 60_000)

  it('gives up in time, and says how many are lost', async () => {
    const external = await testDatabase()
    const { child } = await start({ DATABASE_URL: external.url })
    const other = await openDatabase({ dataDir: 'memory://', url: external.url })
    try {
      await pause(500)
      await other.run((db) => db.execute(sql`alter table audit_log rename to audit_log_away`))
      expect(await create(child, 30)).toHaveLength(30)
      const startedAt = performance.now()
      expect(await child.kill('SIGTERM')).toBe(0)
      expect(performance.now() - startedAt).toBeGreaterThan(4500)
      expect(performance.now() - startedAt).toBeLessThan(12_000)
      expect(child.stdout()).toMatch(/"level":"ERROR".*audit entries are lost.*"dropped":30/)
    } finally {
      await other.close()
      await external.drop()
    }
  }, 60_000)
})
