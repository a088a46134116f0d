import { commandOf, sanitiseStatement } from '@honoscope/core'
import type { QueryStatus, QueryType } from './metrics.ts'

const types: Readonly<Record<string, QueryType>> = {
  select: 'select',
  insert: 'insert',
  update: 'update',
  delete: 'delete',
  create: 'ddl',
  alter: 'ddl',
  drop: 'ddl',
  truncate: 'ddl',
  comment: 'ddl',
  grant: 'ddl',
  revoke: 'ddl',
  reindex: 'ddl',
}

/** Returns what a statement does, by its command; a `with` counts as what it is for. */
export function typeOfQuery(sql: string): QueryType {
  return types[commandOf(sanitiseStatement(sql))] ?? 'other'
}

/** SQLSTATEs of a statement that was not allowed to run: in a read-only transaction, and without the privilege. */
const rejections: ReadonlySet<unknown> = new Set(['25006', '42501'])
/** Cancelled, as by `statement_timeout`; a lock that did not come in time; and what drivers and `fetch` say. */
const timeouts: ReadonlySet<unknown> = new Set(['57014', '55P03', 'ETIMEDOUT', 'TimeoutError'])

/** Drizzle wraps the driver's error, and a cause may have one again. */
const maxDepth = 5

/** Returns how a statement ended that threw `error`: `rejected`, `timeout` or `error`. Never throws. */
export function statusOf(error: unknown): Exclude<QueryStatus, 'success'> {
  try {
    let cause = error
    for (let depth = 0; depth < maxDepth && cause instanceof Error; depth++) {
      const { code, errno, name } = cause as { code?: unknown; errno?: unknown; name: unknown }
      // Bun's SQL driver has the server's code in `errno`.
      if (rejections.has(code) || rejections.has(errno)) return 'rejected'
      if (timeouts.has(code) || timeouts.has(errno) || timeouts.has(name)) return 'timeout'
      cause = cause.cause
    }
  } catch {
    // A getter of the error's own that throws.
  }
  return 'error'
}
