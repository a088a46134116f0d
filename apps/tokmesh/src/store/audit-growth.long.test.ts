import { runtime } from '@honoscope/testing'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { expect, it } from 'vitest'
import type { AuditQuery } from '../domain/audit.ts'
import { openTestDatabase } from '../testing/databases.ts'
import { createAuditStore } from './audit.ts'

const count = 1_000_000
const day = 24 * 3_600_000
const end = 1_800_000_000_000
const hour = 3_600_000

/** Three quarters of the entries are spread over 90 days, the rest came in the last hour. A tenth are failed logins. */
const fill = `
insert into audit_log
select case when i <= ${count * 0.75} then ${end - hour} - (${count * 0.75} - i) * (90 * ${day}::bigint) / ${count * 0.75}
         else ${end} - (${count} - i) * ${hour}::bigint / ${count / 4} end,
  'audit-' || lpad(i::text, 26, '0'),
  case when i % 10 = 9 then 'tmak-' || lpad((1000 + i)::text, 26, '0') when i % 1000 = 1 then 'tmak-' || repeat('1', 26)
    else 'tmak-' || repeat('0', 26) end,
  case when i % 10 = 9 then 'AUTH_FAILED' when i % 1000000 = 5 then 'GC_TRIGGERED' when i % 3 = 0 then 'SESSION_REVOKED'
    else 'SESSION_CREATED' end,
  'session:tmss-' || lpad(i::text, 26, '0'), 'shop-backend/4.2', '{"user_id":"u-4711","expires_at":1795324989594}',
  'SUCCESS', '10.0.0.5', '203.0.113.9'
from generate_series(1::bigint, ${count}) i`

const busy = `tmak-${'0'.repeat(26)}`
const queries: Readonly<Record<string, Partial<AuditQuery>>> = {
  'no filter': {},
  'half way': { page: count / 40 },
  'the last page': { page: count / 20 },
  'beyond the last page': { page: 10 ** 12 },
  'an action': { action: 'SESSION_CREATED' },
  'an action, far behind': { action: 'SESSION_CREATED', page: count / 80 },
  'a rare action': { action: 'GC_TRIGGERED' },
  'failed logins': { action: 'AUTH_FAILED' },
  'a busy key': { operatorId: busy },
  'a busy key, far behind': { operatorId: busy, page: count / 50 },
  'a quiet key': { operatorId: `tmak-${'1'.repeat(26)}` },
  'a made up key': { operatorId: `tmak-${'1009'.padStart(26, '0')}` },
  'what a busy key rarely does': { operatorId: busy, action: 'GC_TRIGGERED' },
  'the last hour': { from: end - hour - 1 },
  'a range of 80 days': { from: end - 85.3 * day, until: end - 5.1 * day },
  'a range within the last hour': { from: end - 0.83 * hour + 17, until: end - 0.4 * hour },
  'a key in a range': { operatorId: busy, from: end - 50.3 * day, until: end - 0.4 * hour },
}

// A query above the limit of a statement, 1.5 s, would be refused. It is the database's work, so one runtime will do.
it.skipIf(runtime === 'bun')(
  'a million entries are queried with their exact total, in times that are printed (Node alone)',
  async () => {
    const { database, url = '', close } = await openTestDatabase('postgres')
    await database.run(
      (db) =>
        db.transaction(async (tx) => {
          await tx.execute(sql`set local statement_timeout = 0`)
          await tx.execute(sql.raw(fill))
        }),
      600_000,
    )
    // What autovacuum does a minute later.
    const client = postgres(url, { max: 1, fetch_types: false })
    await client.unsafe('vacuum analyze audit_log, audit_counts')
    await client.end()
    const store = createAuditStore(database)
    const took: Record<string, string> = {}
    for (const [name, query] of Object.entries(queries)) {
      const times: number[] = []
      for (let n = 0; n < 5; n++) {
        const startedAt = performance.now()
        const { total } = await store.query({ page: 1, size: 20, ...query })
        times.push(performance.now() - startedAt)
        expect(total, name).toBeGreaterThan(0)
      }
      const [least = Infinity] = times.sort((a, b) => a - b)
      took[name] = `${least.toFixed(1)} ms, at most ${times.at(-1)?.toFixed(1)} ms`
    }
    process.stdout.write(`${JSON.stringify(took, undefined, 1)}\n`)
    await close()
  },
  600_000,
)
