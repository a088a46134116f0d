import { sql } from 'drizzle-orm'
import type { Connection, Db } from './connection.ts'
import { openEmbedded } from './embedded.ts'
import { type ExternalOptions, openExternal } from './external.ts'
import { DatabaseFault, type FaultHooks, toTokMeshError } from './faults.ts'
import { createGate } from './gate.ts'
import type { ReplicaOptions } from './replica.ts'
import { openReplicas } from './replicas.ts'

/** Options of {@link openDatabase}. */
export interface DatabaseOptions extends ExternalOptions, FaultHooks {
  /** `postgres://…`. Without it the embedded database is opened. */
  readonly url?: string | undefined
  /** Folder of the embedded database, or `memory://`. */
  readonly dataDir: string
  /** `postgres://…` of standbys of that database, which {@link Database.read} may use. Default: none. */
  readonly replicaUrls?: readonly string[] | undefined
  /** A standby has begun or ceased to fail. */
  readonly onReplicaTurn?: ReplicaOptions['onTurn']
  /** When a query counts as hung, and its caller is told so. Default: 1,900 ms, so that an answer is out within 2 s. */
  readonly timeoutMs?: number | undefined
  /** Decorates the Drizzle database, for its instrumentation. */
  readonly decorate?: ((db: Db) => Db) | undefined
}

/** The database behind the stores. */
export interface Database {
  readonly kind: Connection['kind']
  readonly db: Db
  /**
   * Runs a query: every fault comes out as a `TokMeshError` without the driver's text, `TM-SYS-5030` where the
   * database can't be reached, is closed, or does not answer within the limit.
   */
  run<T>(query: (db: Db) => Promise<T>, timeoutMs?: number): Promise<T>
  /**
   * Runs a query that changes nothing, for what need not come from the primary: searches. Its answer is never older
   * than the call. Rejects like {@link Database.run}.
   */
  read<T>(query: (db: Db) => Promise<T>): Promise<T>
  /** Connections that are open and that there may be, and calls that wait for their turn. */
  connections(): { readonly open: number; readonly max: number; readonly waiting: number }
  /** Resolves when the database answers, and may be written to. Default limit: that of {@link Database.run}. */
  ping(timeoutMs?: number): Promise<void>
  /** Ends all connections and releases the data folder. Twice is once. */
  close(): Promise<void>
}

/**
 * Opens the database: PostgreSQL at `url`, lazily, so that it may be down; or the embedded one in `dataDir`,
 * which rejects with a sentence that names the folder when another process has it.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const connection =
    options.url === undefined ? await openEmbedded(options.dataDir) : openExternal(options.url, options)
  const db = options.decorate?.(connection.db) ?? connection.db
  const limitMs = options.timeoutMs ?? 1_900
  const gate = createGate(connection.room, () => new DatabaseFault('DEADLINE'))
  let closing: Promise<void> | undefined

  const run = async <T>(query: (db: Db) => Promise<T>, timeoutMs = limitMs): Promise<T> => {
    try {
      if (closing) throw new DatabaseFault('CLOSED')
      return await gate.pass(() => query(db), timeoutMs)
    } catch (error) {
      const fault = toTokMeshError(error, options)
      if (fault.cause instanceof DatabaseFault) connection.heed?.(fault.cause.code)
      throw fault
    }
  }

  const { replicaUrls = [], decorate, onReplicaTurn: onTurn } = options
  const replicas =
    replicaUrls.length > 0 ? openReplicas(replicaUrls, { primary: run, limitMs, decorate, onTurn }) : undefined

  return {
    kind: connection.kind,
    db,
    run,
    read: (query) => (replicas && !closing ? replicas.read(query) : run(query)),
    connections: () => ({ ...connection.connections(), waiting: gate.waiting() }),
    async ping(timeoutMs) {
      await run(async (db) => {
        const readOnly = sql<boolean>`current_setting('transaction_read_only') = 'on'`
        const [row] = await db.select({ readOnly }).from(sql`(values (1)) as one`)
        if (row?.readOnly) throw new DatabaseFault('25006')
      }, timeoutMs)
    },
    close() {
      closing ??= Promise.all([connection.end(), replicas?.close()]).then(() => {})
      return closing
    },
  }
}
