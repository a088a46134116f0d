import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'

/** Drizzle over either driver. Queries go through its builders, whose results are the same for both. */
export type Db = PgDatabase<PgQueryResultHKT, Record<string, never>>

/** What a driver has to offer; `database.ts` adds the time limits and the translation of faults. */
export interface Connection {
  readonly kind: 'embedded' | 'postgres'
  readonly db: Db
  /** Statements that it should be given at a time. */
  readonly room: number
  /** Connections that are open now, and that there may be. */
  readonly connections: () => { readonly open: number; readonly max: number }
  /** Is told the code of each statement's fault, which may say that another server is the primary by now. */
  readonly heed?: ((code: string) => void) | undefined
  /** Ends every connection, at the latest after a few seconds. */
  end(): Promise<void>
}
