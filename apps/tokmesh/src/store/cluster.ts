import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'

/** Returns a function that resolves to the id of the cluster that the data belongs to: a UUID, made once. */
export function createClusterId({ run }: Database): () => Promise<string> {
  let known: string | undefined
  return async () => {
    if (known === undefined) {
      const [row] = await run((db) => db.select({ id: sql<string>`id` }).from(sql`cluster`))
      known = row?.id ?? ''
    }
    return known
  }
}
