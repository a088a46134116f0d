/**
 * What of Drizzle's insides is used here. Its own types hide most of it, so this is the one place to look at when
 * a new version of Drizzle moves something.
 */

/** The statement as Drizzle built it: `$1` for each parameter. Its parameters are never read here. */
export interface Built {
  readonly sql: string
}

/** What builders know of their statement. */
export interface QueryMetadata {
  readonly type: 'select' | 'insert' | 'update' | 'delete'
  /** `table` or `schema.table`; the one that the statement is about comes first. */
  readonly tables: readonly string[]
}

/** Arguments of `session.prepareQuery`. */
export type PrepareArgs = readonly [
  query: Built,
  fields: unknown,
  name: string | undefined,
  isResponseInArrayMode: boolean,
  customResultMapper?: unknown,
  queryMetadata?: QueryMetadata,
  ...rest: unknown[],
]

/** A statement that can be run, once or many times. */
export interface Prepared {
  execute(placeholders?: unknown, token?: unknown): Promise<unknown>
  all(placeholders?: unknown): Promise<unknown>
}

/** The callback of a transaction: a promise, a builder that runs when it is awaited, or what else the driver takes. */
export type Work = (tx: Database) => unknown

/** Where every statement passes. One for the pool, one for each transaction. */
export interface Session {
  prepareQuery(...args: PrepareArgs): Prepared
  execute(query: unknown, token?: unknown): unknown
  all(query: unknown): unknown
  transaction(work: Work, config?: unknown): Promise<unknown>
}

/** Makes relational queries of one table. */
export interface RelationalBuilder {
  readonly session: Session
  readonly tableConfig?: { readonly dbName?: string; readonly schema?: string }
}

/** A database or transaction. */
export interface Database {
  readonly session: Session
  readonly _: { readonly schema?: unknown; readonly session?: Session }
  readonly query: Readonly<Record<string, RelationalBuilder>>
  execute(query: unknown): unknown
  transaction(work: Work, config?: unknown): Promise<unknown>
}

/** Returns a copy of `original`, of its class, in which `changes` stand in the place of its own fields. */
export function copyWith<T extends object>(original: T, changes: Partial<T>): T {
  return Object.assign(Object.create(Object.getPrototypeOf(original)), original, changes)
}

/** Returns the first table that a piece of SQL or a builder names by a Drizzle table, `undefined` where there is none. */
export function tableOf(query: unknown): string | undefined {
  if (typeof query !== 'object' || query === null) return undefined
  const { usedTables } = query as { usedTables?: unknown }
  const tables: readonly unknown[] = Array.isArray(usedTables) || usedTables instanceof Set ? [...usedTables] : []
  return typeof tables[0] === 'string' ? tables[0] : undefined
}

/** Drizzle's way of telling its classes apart when it is loaded twice. */
const entityKind = Symbol.for('drizzle:entityKind')

/** Whether `error` is what `tx.rollback()` throws. */
export function isRollback(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return (error.constructor as { [entityKind]?: unknown })[entityKind] === 'TransactionRollbackError'
}
