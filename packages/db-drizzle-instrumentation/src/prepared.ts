import type { PrepareArgs, Prepared, QueryMetadata } from './drizzle.ts'
import { beginRun, endRun, type Observer, type Run, type Statement } from './observer.ts'
import { unknownTable } from './span.ts'

/** What a statement was prepared with, and what is known of it from elsewhere. */
export interface Source {
  readonly args: PrepareArgs
  readonly table: string | undefined
  readonly command: string | undefined
}

/** Returns `prepared` with its runs observed. It is the driver's object, made for us a moment ago and nobody else's. */
export function observePrepared(observer: Observer, prepared: Prepared, source: Source): Prepared {
  return observer.guard.run('statement', attach, observer, prepared, source) ?? prepared
}

const key: unique symbol = Symbol('honoscope')

interface ObservedPrepared extends Prepared {
  readonly [key]: Watched
}

interface Watched {
  readonly observer: Observer
  readonly statement: Statement
  readonly execute: Prepared['execute']
  readonly all: Prepared['all']
}

/** The methods are shared by all statements: closures for each would cost more than all the rest. */
function attach(observer: Observer, prepared: Prepared, source: Source): Prepared {
  const { execute, all } = prepared
  const watched: Watched = { observer, statement: describe(observer, source), execute, all }
  return Object.assign(prepared, { [key]: watched, execute: observedExecute, all: observedAll })
}

function describe(observer: Observer, { args, table: hint, command: given }: Source): Statement {
  const [{ sql }, fields, , , mapper, metadata] = args
  const command = (metadata ? builtCommand(metadata.type, sql) : given) ?? observer.shapeOf(sql).command
  const table = metadata?.tables[0] ?? hint ?? unknownTable
  return {
    text: sql,
    command,
    table,
    isMapped: fields !== undefined || mapper !== undefined,
    recorder: observer.guard.run('metrics', recorderOf, observer, command, table),
  }
}

/** Drizzle 0.45 says `insert` of an update, too. `undefined` when the statement has to be looked at. */
function builtCommand(type: QueryMetadata['type'], text: string): string | undefined {
  if (type !== 'insert' || text.startsWith('insert')) return type
  return text.startsWith('update') ? 'update' : undefined
}

const recorderOf = ({ metrics }: Observer, command: string, table: string) => metrics?.query(command, table)

function observedExecute(this: ObservedPrepared, placeholders?: unknown, token?: unknown): Promise<unknown> {
  const { observer, statement, execute } = this[key]
  const run = observer.guard.run('statement', beginRun, observer, statement, undefined)
  if (run === undefined) return execute.call(this, placeholders, token)
  return follow(
    observer,
    run,
    start(observer, run, () => execute.call(this, placeholders, token)),
  )
}

/** Gives rows, and is only called by Drizzle's migrator. */
function observedAll(this: ObservedPrepared, placeholders?: unknown): Promise<unknown> {
  const { observer, statement, all } = this[key]
  const run = observer.guard.run('statement', beginRun, observer, { ...statement, isMapped: true }, undefined)
  if (run === undefined) return all.call(this, placeholders)
  return follow(
    observer,
    run,
    start(observer, run, () => all.call(this, placeholders)),
  )
}

/** Calls the driver. One that throws where it should reject goes on doing so. */
function start(observer: Observer, run: Run, query: () => Promise<unknown>): Promise<unknown> {
  try {
    return query()
  } catch (error) {
    endRun(observer, run, { error })
    throw error
  }
}

/** Settles as the query does, after it has been recorded. */
async function follow(observer: Observer, run: Run, pending: Promise<unknown>): Promise<unknown> {
  let result: unknown
  try {
    result = await pending
  } catch (error) {
    endRun(observer, run, { error })
    throw error
  }
  endRun(observer, run, { result })
  return result
}
