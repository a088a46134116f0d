import { copyWith, type Database, type RelationalBuilder, type Session } from './drizzle.ts'
import type { Observer } from './observer.ts'
import { observeSession } from './session.ts'
import { observeBlock } from './transaction.ts'

/** Returns a copy of `raw` that hands out the same builders, bound to an observed session. */
export function observeDatabase<D extends Database>(raw: D, observer: Observer): D {
  const { session, forTable, about } = observeSession(raw.session, observer, (tx) => observeTransaction(tx, observer))
  const changes: Partial<Database> = {
    session,
    _: { ...raw._, session },
    execute: (query) => about(query, () => raw.execute.call(db, query)),
  }
  const query = raw._.schema === undefined ? raw.query : relational(raw.query, forTable)
  const db: D = copyWith<Database>(raw, { ...changes, query }) as D
  return db
}

/** What a driver hands to the callback of a transaction; a transaction in it is a savepoint. */
function observeTransaction(raw: Database, observer: Observer): Database {
  const observe = (tx: Database): Database => observeTransaction(tx, observer)
  return Object.assign(observeDatabase(raw, observer), {
    transaction: ((work, config) =>
      observeBlock(observer, {
        operation: 'savepoint',
        begin: (inner) => raw.transaction(inner, config),
        work,
        observe,
      })) satisfies Database['transaction'],
  })
}

/** The builders of `db.query`. Each is made when it is asked for, since a transaction uses few of a schema's tables. */
function relational(builders: Database['query'], forTable: (table: string) => Session): Database['query'] {
  const made = new Map<unknown, RelationalBuilder>()
  return new Proxy(builders, {
    get(target, name, receiver) {
      const builder: RelationalBuilder | undefined = Reflect.get(target, name, receiver)
      const table = builder?.tableConfig?.dbName
      if (builder === undefined || table === undefined) return builder
      let own = made.get(name)
      if (own === undefined) {
        const { schema } = builder.tableConfig ?? {}
        own = copyWith(builder, { session: forTable(schema ? `${schema}.${table}` : table) })
        made.set(name, own)
      }
      return own
    },
  })
}
