import postgres from 'postgres'
import { describe, expect, it } from 'vitest'
import { pairMissing, startPostgresPair } from './postgres-pair.ts'

const ask = async (url: string, statement: string): Promise<unknown> => {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} })
  try {
    return (await sql.unsafe(statement))[0]
  } finally {
    await sql.end({ timeout: 1 })
  }
}

describe.skipIf(pairMissing)(`two PostgreSQL servers for tests${pairMissing ? `: ${pairMissing}` : ''}`, () => {
  it('are a primary and its streaming copy, which can be promoted', async () => {
    const { first, second, caughtUp, remove } = await startPostgresPair()
    try {
      await ask(first.url, 'create table kept (n int)')
      await ask(first.url, 'insert into kept values (7)')
      await caughtUp()
      expect(await ask(second.url, 'select n from kept')).toEqual({ n: 7 })
      await expect(ask(second.url, 'insert into kept values (8)')).rejects.toMatchObject({ code: '25006' })
      expect(await ask(first.url, 'select application_name as is from pg_stat_replication')).toEqual({ is: 'second' })
      expect(await ask(first.url, 'show cluster_name')).toEqual({ cluster_name: 'first' })
      await first.stop('immediate')
      await second.promote()
      await ask(second.url, 'insert into kept values (9)')
      expect(await ask(second.url, 'select sum(n)::int as is from kept')).toEqual({ is: 16 })
      expect(second.log()).toContain('insert into kept values (9)')
    } finally {
      await remove()
    }
  }, 60_000)
})
