/** The forms of a server's address, over the sockets that are made for the driver. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@honoscope/testing'
import { type PostgresServer, startPostgres } from '@honoscope/testing/postgres'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSubscription } from '../cluster/subscriber.ts'
import { newAuthority, newPair } from '../testing/certificates.ts'
import { type Database, openDatabase } from './database.ts'
import { openExternal } from './external.ts'
import { migrate } from './migrate.ts'
import { openReplicas } from './replicas.ts'
import { serverAddress } from './server-socket.ts'

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))

// A path of a Unix socket has some hundred bytes.
const folder = mkdtempSync(join(tmpdir(), 'pg-'))
let server: PostgresServer
beforeAll(async () => {
  // PostgreSQL may run as another user.
  chmodSync(folder, 0o777)
  server = await startPostgres({ settings: { unix_socket_directories: folder, listen_addresses: '127.0.0.1,::1' } })
  await onServer(async (client) => {
    const { cert, key } = await newPair('server', await newAuthority('tests'))
    // By the server itself, so that the files are its own.
    for (const [name, text] of Object.entries({ 'server.crt': cert, 'server.key': key }))
      await client.unsafe(
        `copy (select unnest(string_to_array('${text.trim()}', E'\n'))) to program 'umask 077; cat > ${name}'`,
      )
    await client.unsafe('alter system set ssl = on')
    await client.unsafe(`create role "a/b:c" superuser login password 'p@ss,w%rd/:'`)
    await client.unsafe('select pg_reload_conf()')
  })
}, 60_000)
afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function onServer<T>(use: (client: postgres.Sql) => Promise<T>): Promise<T> {
  const client = postgres(server.url, { max: 1, onnotice: () => {} })
  try {
    return await use(client)
  } finally {
    await client.end({ timeout: 1 })
  }
}

async function withDatabase<T>(url: string, use: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase({ url, dataDir: '', poolSize: 2 })
  try {
    return await use(database)
  } finally {
    await database.close()
  }
}

/** How the server sees the connection. */
const seen = async ({ run }: Pick<Database, 'run'>) => {
  const columns = {
    user: sql<string>`current_user::text`,
    encrypted: sql<boolean>`ssl`,
    from: sql<string | null>`host(inet_client_addr())`,
  }
  const [row] = await run((db) => db.select(columns).from(sql`pg_stat_ssl where pid = pg_backend_pid()`))
  return row
}

const parts = () => {
  const { password, port } = new URL(server.url)
  return { password, port }
}

describe('a connection', () => {
  it('goes over a Unix socket, whose folder is escaped in the address', async () => {
    const { password, port } = parts()
    const url = `postgres://postgres:${password}@${encodeURIComponent(folder)}:${port}/postgres`
    expect(await withDatabase(url, seen)).toEqual({ user: 'postgres', encrypted: false, from: null })
  })

  it.skipIf(!hasIpv6)('goes to an IPv6 address, which stands in brackets', async () => {
    const url = server.url.replace('127.0.0.1', '[::1]')
    expect(await withDatabase(url, seen)).toMatchObject({ user: 'postgres', from: '::1' })
  })

  it.each([
    ['postgres://u:p@[2001:db8::1]:5433/d', { host: '2001:db8::1', port: 5433 }],
    ['postgres://u:p@db.example/d', { host: 'db.example', port: 5432 }],
    ['postgres://u@%2Frun%2Fpg:5433/d', { host: '/run/pg', port: 5433, path: '/run/pg/.s.PGSQL.5433' }],
    ['postgres:///d', undefined],
  ])('is begun where the address says: %s', (url, address) => {
    expect(serverAddress(url)).toEqual(address)
  })

  it('takes a user and a password with what is special in addresses', async () => {
    const { port } = parts()
    const credentials = `${encodeURIComponent('a/b:c')}:${encodeURIComponent('p@ss,w%rd/:')}`
    const url = `postgres://${credentials}@127.0.0.1:${port}/postgres`
    expect(await withDatabase(url, seen)).toMatchObject({ user: 'a/b:c', from: '127.0.0.1' })
    const several = `postgres://${credentials}@127.0.0.1:1,127.0.0.1:${port}/postgres`
    expect(await withDatabase(several, seen)).toMatchObject({ user: 'a/b:c', from: '127.0.0.1' })
  })

  it('is encrypted where the address wants it, also of several servers, again after it was ended', async () => {
    const { port } = parts()
    const several = server.url.replace(`:${port}/`, `:1,127.0.0.1:${port}/`)
    for (const url of [server.url, several]) {
      await withDatabase(`${url}?sslmode=require`, async (database) => {
        expect(await seen(database)).toMatchObject({ encrypted: true })
        expect(database.connections().open).toBe(1)
        await onServer((client) => client`select pg_terminate_backend(pid) from pg_stat_ssl where ssl`)
        await until(() => database.connections().open === 0)
        // The driver may hear of the end a moment later, and fails what it gets in between.
        await until(async () => (await seen(database).catch(() => undefined))?.encrypted === true)
        expect(database.connections().open).toBe(1)
      })
    }
  })

  it.each(['disable', 'require'])(
    'is ended, and made anew, when its server may not write: sslmode=%s',
    async (mode) => {
      const { db, heed, connections, end } = openExternal(`${server.url}?sslmode=${mode}`, { poolSize: 2 })
      const pid = async () => {
        const [row] = await db.select({ pid: sql<number>`pg_backend_pid()` }).from(sql`(values (1)) as one`)
        return row?.pid ?? 0
      }
      const first = await pid()
      heed?.('25006')
      await until(() => connections().open === 0)
      await until(() =>
        onServer(async (client) => (await client`select from pg_stat_activity where pid = ${first}`).length === 0),
      )
      expect(await pid()).not.toBe(first)
      await end()
    },
  )

  it('is refused where the address wants a certificate that somebody known has signed', async () => {
    await withDatabase(`${server.url}?sslmode=verify-full`, async (database) => {
      await expect(database.ping()).rejects.toMatchObject({ code: 'TM-SYS-5030' })
    })
  })

  it('of a subscription and to a standby is encrypted, too', async () => {
    const url = `${server.url}?sslmode=require`
    await withDatabase(url, async (database) => {
      await migrate(database)
      const subscription = createSubscription({ url })
      const nothing = () => {}
      subscription.start({
        ...{ onSessions: nothing, onRevoked: nothing, onKeys: nothing, onDoubt: nothing, onMessage: nothing },
      })
      await until(() => subscription.isLive())
      // It is no standby: it is asked whether it is, and the primary answers.
      const replicas = openReplicas([url], { primary: database.run, limitMs: 1_900 })
      expect(await replicas.read((db) => db.select({ n: sql<number>`1` }).from(sql`(values (1)) as one`))).toEqual([
        { n: 1 },
      ])
      const connections = () =>
        onServer(
          (client) => client<{ encrypted: boolean; n: number }[]>`
            select ssl as encrypted, count(*)::int as n from pg_stat_ssl join pg_stat_activity using (pid)
            where application_name = 'tokmesh' group by ssl`,
        )
      // What was ended before may still be seen for a moment.
      await until(async () => (await connections()).every(({ n }) => n <= 3))
      expect([...(await connections())]).toEqual([{ encrypted: true, n: 3 }])
      await replicas.close()
      await subscription.close()
    })
  })
  it('is refused where the address wants it encrypted and the server can not do that', async () => {
    await onServer(async (client) => {
      await client.unsafe('alter system set ssl = off')
      await client.unsafe('select pg_reload_conf()')
      await until(async () => (await client<{ ssl: string }[]>`show ssl`)[0]?.ssl === 'off')
    })
    const several = server.url.replace(`:${parts().port}/`, `:1,127.0.0.1:${parts().port}/`)
    for (const url of [server.url, several])
      await withDatabase(`${url}?sslmode=require`, async (database) => {
        await expect(database.ping()).rejects.toMatchObject({ code: 'TM-SYS-5030' })
      })
  })
})
