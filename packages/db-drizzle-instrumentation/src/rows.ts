/** Numbers of rows; `undefined` where the driver does not tell. */
export interface Rows {
  readonly returned: number | undefined
  /** Of `insert`, `update`, `delete` and `merge`. */
  readonly affected: number | undefined
}

/** The four drivers' results of a statement without a mapping. */
interface RawResult {
  /** node-postgres, PGlite. */
  readonly rows?: unknown
  /** postgres-js, Bun. */
  readonly count?: unknown
  /** node-postgres. */
  readonly rowCount?: unknown
  /** PGlite. */
  readonly affectedRows?: unknown
}

const writing: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'merge'])

/** Returns the numbers of rows of a result. `isMapped`: Drizzle has made objects of its rows, or one of the first. */
export function rowsOf(result: unknown, command: string, isMapped: boolean): Rows {
  const writes = writing.has(command)
  if (isMapped) {
    const returned = Array.isArray(result) ? result.length : result === undefined ? 0 : 1
    return { returned, affected: writes ? returned : undefined }
  }
  if (typeof result !== 'object' || result === null) return { returned: undefined, affected: undefined }
  const { rows = result, count, rowCount, affectedRows } = result as RawResult
  const affected = [count, rowCount, affectedRows].find((number) => typeof number === 'number')
  return {
    returned: Array.isArray(rows) ? rows.length : undefined,
    affected: writes && typeof affected === 'number' ? affected : undefined,
  }
}
