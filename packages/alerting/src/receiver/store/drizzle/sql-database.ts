import type { SQL } from 'drizzle-orm'

/** What of a Drizzle database or transaction is used here, so that any driver for PostgreSQL will do. */
export interface SqlRunner {
  execute(query: SQL): PromiseLike<unknown>
}

/** @see SqlRunner */
export interface SqlDatabase extends SqlRunner {
  transaction<T>(work: (tx: SqlRunner) => Promise<T>, config?: { isolationLevel: 'read committed' }): Promise<T>
}

/** A row as the driver returns it: a `bigint` is a number, a bigint or a text. */
export type Row = Readonly<Record<string, unknown>>

/** Returns the rows of a statement. Drivers return a list, or an object with one. */
export async function rowsOf(runner: SqlRunner, query: SQL): Promise<readonly Row[]> {
  const result = await runner.execute(query)
  if (Array.isArray(result)) return result
  const rows: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, 'rows') : undefined
  if (!Array.isArray(rows)) throw new TypeError('drizzleStore: the driver returned no rows')
  return rows
}

/** Returns a column as a number. */
export const numberOf = (row: Row, column: string): number => Number(row[column])

/** Returns a column as a number, `undefined` for null. */
export function optionalNumberOf(row: Row, column: string): number | undefined {
  const value = row[column]
  return value === null || value === undefined ? undefined : Number(value)
}

/** Returns a column as a text. */
export const textOf = (row: Row, column: string): string => String(row[column])

/** Returns a column as a text, `undefined` for null. */
export function optionalTextOf(row: Row, column: string): string | undefined {
  const value = row[column]
  return value === null || value === undefined ? undefined : String(value)
}
