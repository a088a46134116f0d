import { fileURLToPath } from 'node:url'
import { until } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import postgres from 'postgres'
import { expect, it } from 'vitest'
import { startChild } from './child.ts'
import { pause } from './support.ts'

it('a node whose clock is an hour ahead sweeps what has expired by the database’s, and nothing that lives', async () => {
  const { url, drop } = await testDatabase()
  const preload = fileURLToPath(new URL('cluster/wrong-clock.mjs', import.meta.url))
  const child = await startChild({ DATABASE_URL: url, CLOCK_SHIFT_MS: '3600000' }, [], preload)
  const psql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await child.ready()
    const insert = (name: string, lifeMs: number) => psql`
      insert into sessions select ${`tmss-${name}`}, 'ada', ${`tmth_${name}`}, '', '', '', '', '', '',
        now.ms, now.ms + ${lifeMs}, now.ms, '{}', 1, 0, 60, false, 0
      from (select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms) as now`
    await insert('lives', 1_800_000)
    await insert('expired', -1_000)
    const swept = async () => (await psql`select id from sessions where is_deleted`).map(({ id }) => id)
    await until(async () => (await swept()).includes('tmss-expired'))
    // Several ticks of the sweep more.
    await pause(2_500)
    expect(await swept()).toEqual(['tmss-expired'])
  } finally {
    await child.kill('SIGKILL')
    await psql.end()
    await drop()
  }
}, 60_000)
