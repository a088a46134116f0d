import postgres from 'postgres'
import { describe, expect, it } from 'vitest'
import { startPostgres, testDatabase } from './postgres.ts'

const ask = async (url: string, statement: string): Promise<unknown> => {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} })
  try {
    return (await sql.unsafe(statement))[0]
  } finally {
    await sql.end({ timeout: 1 })
  }
}

describe('a PostgreSQL server for tests', () => {
  it('keeps fsync on, and its data over a pause and a kill', async () => {
    const server = await startPostgres()
    try {
      expect(await ask(server.url, 'show fsync')).toEqual({ fsync: 'on' })
      await ask(server.url, 'create table kept (n int)')
      await server.pause()
      await expect(ask(server.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
      await server.resume()
      await ask(server.url, 'insert into kept values (1)')
      await server.kill()
      await server.resume()
      expect(await ask(server.url, 'select count(*)::int as n from kept')).toEqual({ n: 1 })
    } finally {
      await server.stop()
    }
  }, 60_000)

  it('gives each test an empty database of its own', async () => {
    const [one, other] = await Promise.all([testDatabase(), testDatabase()])
    await ask(one.url, 'create table t (n int)')
    await expect(ask(other.url, 'select * from t')).rejects.toMatchObject({ code: '42P01' })
    await Promise.all([one.drop(), other.drop()])
    await expect(ask(one.url, 'select 1')).rejects.toMatchObject({ code: '3D000' })
  }, 60_000)
})
