import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabase } from '@honoscope/testing/postgres'
import postgres from 'postgres'
import { afterAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../config.ts'
import { openDatabase } from '../../store/database.ts'
import { migrate } from '../../store/migrate.ts'
import { database } from './database.ts'
import { dataFolder } from './folder.ts'
import { clock, runtimeVersion } from './machine.ts'
import { ports } from './ports.ts'

const folder = mkdtempSync(join(tmpdir(), 'tokmesh-doctor-'))
const cleanUp: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
afterAll(async () => {
  for (const step of cleanUp.reverse()) await step()
})

const readingOf = (environment: Record<string, string>) => readConfig(environment, { folder })
const configOf = (environment: Record<string, string>) => readingOf(environment).config
const answering = async (text: string): Promise<Server> => {
  const server = createServer((_, response) => response.end(text))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => server.close())
  return server
}

describe('the doctor', () => {
  it('finds this runtime new enough, and a clock that was never set', () => {
    expect(runtimeVersion()).toMatchObject({ status: 'pass' })
    expect([clock().status, clock(0).status]).toEqual(['pass', 'fail'])
  })

  it('tells a port of TokMesh from one of another program', async () => {
    const servers = await Promise.all(['hello', '{"code":"OK","request_id":"r"}'].map(answering))
    const statuses = servers.map(async (server) => {
      const { port } = server.address() as AddressInfo
      return (await ports(configOf({ TOKMESH_SERVER_HTTP_ADDRESS: `127.0.0.1:${port}` })))[0]
    })
    expect(await Promise.all(statuses)).toMatchObject([
      { status: 'fail', found: expect.stringContaining('another program') },
      { status: 'pass', found: expect.stringContaining('a running TokMesh') },
    ])
    // An address of the range for documentation, which no machine has.
    expect(await ports(configOf({ TOKMESH_SERVER_HTTP_ADDRESS: '192.0.2.1:5080' }))).toMatchObject([{ status: 'fail' }])
  })

  it('warns of memory://, and refuses a data folder that is a file', async () => {
    expect(await dataFolder(configOf({ TOKMESH_STORAGE_DATA_DIR: 'memory://' }))).toMatchObject([{ status: 'warn' }])
    writeFileSync(join(folder, 'file'), '')
    const under = configOf({ TOKMESH_STORAGE_DATA_DIR: join(folder, 'file', 'data') })
    expect(await dataFolder(under)).toMatchObject([{ status: 'fail' }])
    const [made] = await dataFolder(configOf({ TOKMESH_STORAGE_DATA_DIR: join(folder, 'not', 'yet') }))
    expect(made).toMatchObject({ status: 'pass', found: expect.stringContaining('is made at the first start') })
  })

  it('does not take a database that is not configured well for the embedded one', async () => {
    for (const address of ['mysql://u:hush@h/d', 'postgres://u:hush%@h/d', 'postgres://u:hush\nX@h/d']) {
      const findings = await database(readingOf({ DATABASE_URL: address }))
      expect(findings).toMatchObject([{ check: 'database', status: 'fail' }])
      expect(JSON.stringify(findings)).toContain('DATABASE_URL')
      expect(JSON.stringify(findings)).not.toMatch(/hush|embedded;/)
    }
  })

  it('finds what a database lacks: the schema, the right to make it, the right to use it', async () => {
    const { url, drop } = await testDatabase()
    cleanUp.push(drop)
    const look = async (address: string) => {
      const findings = await database(readingOf({ DATABASE_URL: address, TOKMESH_STORAGE_DATA_DIR: 'memory://' }))
      return Object.fromEntries(findings.map(({ check, status, found }) => [check, `${status} ${found}`]))
    }
    expect(await look(url)).toMatchObject({ 'database schema': 'warn empty' })
    const opened = await openDatabase({ url, dataDir: 'memory://' })
    await migrate(opened)
    await opened.close()
    const owner = postgres(url, { max: 1, onnotice: () => {} })
    const name = `guest_${Date.now()}`
    await owner.unsafe(`create role ${name} login password 'hush'; grant select on schema_migrations to ${name}`)
    cleanUp.push(async () => {
      await owner.unsafe(`drop owned by ${name}; drop role ${name}`)
      await owner.end()
    })
    const guest = new URL(url)
    guest.username = name
    guest.password = 'hush'
    const found = await look(guest.href)
    expect(found['database rights']).toMatch(/^warn guest_\d+ may not create tables/)
    expect(found['database schema']).toMatch(/^fail no right to read and write .*sessions/)
    guest.password = 'wrong-hush'
    const refused = await look(guest.href)
    expect(JSON.stringify([found, refused])).not.toContain('hush')
  })
})
