import { copyWith, type Database, type PrepareArgs, type Prepared, type Session, tableOf } from './drizzle.ts'
import type { Observer } from './observer.ts'
import { observePrepared } from './prepared.ts'
import { observeBlock } from './transaction.ts'

/** Every session that this module made: a database with one of them is instrumented already. */
const observed = new WeakSet<Session>()

/** Whether the session is instrumented. */
export function isObserved(session: Session): boolean {
  return observed.has(session)
}

/** A session that is observed. */
export interface ObservedSession {
  readonly session: Session
  /** The same session, for relational queries: Drizzle does not pass on which table they are about. */
  forTable(table: string): Session
  /** Runs `work`, which prepares a statement for `query`. */
  about<T>(query: unknown, work: () => T): T
}

/** Returns a copy of `raw` whose statements and transactions are observed. */
export function observeSession(raw: Session, observer: Observer, observe: (tx: Database) => Database): ObservedSession {
  // Set while a statement is prepared, which is done before anything else can run.
  let table: string | undefined

  const about = <T>(query: unknown, work: () => T): T => {
    table = tableOf(query)
    try {
      return work()
    } finally {
      table = undefined
    }
  }
  const prepare = (args: PrepareArgs, hint: string | undefined, command?: string): Prepared =>
    observePrepared(observer, raw.prepareQuery(...args), { args, table: hint, command })

  const session: Session = copyWith(raw, {
    prepareQuery: (...args) => prepare(args, table),
    execute: (query, token) => about(query, () => raw.execute.call(session, query, token)),
    all: (query) => about(query, () => raw.all.call(session, query)),
    transaction: (work, config) =>
      observeBlock(observer, {
        operation: 'transaction',
        begin: (inner) => raw.transaction(inner, config),
        work,
        observe,
      }),
  })
  observed.add(session)
  return {
    session,
    forTable: (table) => copyWith(session, { prepareQuery: (...args) => prepare(args, table, 'select') }),
    about,
  }
}
