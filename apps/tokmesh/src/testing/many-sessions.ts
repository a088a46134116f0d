/** Many sessions at once, for tests and measurements of what depends on their number. */
import { sql } from 'drizzle-orm'
import type { Db } from '../store/connection.ts'
import type { Database } from '../store/database.ts'

/** The time that {@link insertMany} takes for now, unless it is told another. */
export const fillTime = 1_800_000_000_000

/** Id of the key that created every twentieth session. */
export const sampleKey = (n: number): string => `tmak-${String(n % 20).padStart(26, '0')}`

/**
 * Inserts `count` sessions of the last day, past all rules: 80 % active, 10 % revoked, 10 % expired. A user has ten, a
 * key a twentieth of all, a network `2001:db8:x::/48` 64; a quarter has the device `web` and a tenth the address
 * 203.0.113.7. `lastActive` goes another way than `createdAt`. The statistics are as a new table's: there are none.
 */
export async function insertMany(database: Database, count: number, now: number = fillTime): Promise<void> {
  const n = sql.raw(String(count))
  const at = sql.raw(String(now))
  const insert = sql`
insert into sessions
select 'tmss-' || lpad(i::text, 26, '0'), 'user-' || i % (${n} / 10), 'tmth_' || encode(sha256(i::text::bytea), 'hex'),
  ip, 'Mozilla/5.0', ip, 'Mozilla/5.0',
  case i % 4 when 0 then '' when 1 then 'web' else 'device-' || i % (${n} / 5) end,
  'tmak-' || lpad((i % 20)::text, 26, '0'),
  ${at} - (${n} - i) * 86400000 / ${n}, expires_at, ${at} - i * 7919 % ${n} * 86400000 / ${n},
  '{"role":"user"}', 1, i % 1024, 7200,
  is_revoked or expires_at <= ${at} and i % 1000 <> 19, case when is_revoked then ${at} - 1000 else 0 end
from (
  select i, i % 10 = 8 as is_revoked,
    case when i % 10 = 9 or i % 20 = 8 then ${at} - i % 3600000 else ${at} + 3600000 + i % 3600000 end as expires_at,
    case when i % 10 = 3 then '203.0.113.7' when i % 3 = 0 then '2001:db8:' || to_hex(i / 64 % 65536) || '::' || to_hex(i % 64 + 1)
      else '10.' || i * 7 % 256 || '.' || i / 256 % 256 || '.' || i % 256 end as ip
  from generate_series(1::bigint, ${n}) i
) as made`
  const inTime = (db: Db) =>
    db.transaction(async (tx) => {
      await tx.execute(sql`set local statement_timeout = 0`)
      await tx.execute(insert)
    })
  await database.run(inTime, 600_000)
}
