/** The end of a service whose start has not come to its end. */
import { until } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import postgres from 'postgres'
import { expect, it } from 'vitest'
import { startNode } from '../acceptance/support.ts'

it('a service that waits for another process to migrate ends within seconds when it is told to', async () => {
  const { url, drop } = await testDatabase()
  const psql = postgres(url, { max: 1, onnotice: () => {} })
  // The lock of migrations, which another process holds for as long as it builds indexes.
  await psql`select pg_advisory_lock(5080001)`
  const node = await startNode('postgres', { DATABASE_URL: url })
  const prepared = node.service.prepared.then(
    () => 'prepared',
    () => 'given up',
  )
  await until(async () => {
    const [row] = await psql`select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted`
    return row?.n === 1
  })
  const startedAt = performance.now()
  await node.stop()
  expect(performance.now() - startedAt).toBeLessThan(9_000)
  expect(await prepared).toBe('given up')
  await psql.end()
  await drop()
}, 60_000)
