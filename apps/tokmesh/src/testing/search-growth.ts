/** Measures what first pages read of a database with few sessions and of one with many. */
import { testDatabase } from '@honoscope/testing/postgres'
import { openDatabase } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { insertMany } from './many-sessions.ts'
import { openPlans, type Reads } from './plans.ts'
import { firstPages } from './search-cases.ts'

/** What each of {@link firstPages} read, by its name. */
export async function readsWith(count: number): Promise<Readonly<Record<string, Reads>>> {
  const { url, drop } = await testDatabase()
  const database = await openDatabase({ dataDir: 'memory://', url })
  await migrate(database)
  await insertMany(database, count)
  const plans = openPlans(url, database)
  // What autovacuum does a minute later.
  await plans.unsafe('vacuum analyze sessions')
  const reads: Record<string, Reads> = {}
  for (const [name, query] of Object.entries(firstPages)) reads[name] = await plans.read(query)
  await plans.end()
  await database.close()
  await drop()
  return reads
}

/** Pages of 8 KiB: an index's entries, then 20 sessions, each by an index of four levels. */
export const mostWalked = 130

/** The same where 5,000 matches are sorted at most: a session each, and its index. */
export const mostSorted = 8_000

/** Whether an index has the matches of one of {@link firstPages} in the order of the page. */
export function isIndexed(name: string): boolean {
  if (name.includes('createdAt')) return !/network|IPv4|active in/.test(name)
  return /^no|^a user|^a device:|^an address:|^active in/.test(name)
}
