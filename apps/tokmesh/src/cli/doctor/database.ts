/** The database: whether it can be reached, and whether TokMesh can live there. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { maskAddress } from '../../config/problem.ts'
import type { ConfigReading } from '../../config.ts'
import { holderOf } from '../../store/data-folder.ts'
import { type Database, openDatabase } from '../../store/database.ts'
import { pendingMigrations } from '../../store/pending-migrations.ts'
import { reasonOf } from '../perform.ts'
import { withProgress } from '../progress.ts'
import { type Finding, fail, pass, warn } from './check.ts'

/** What there is to say of the database. It is opened only where that neither makes it nor disturbs a server. */
export async function database(reading: Pick<ConfigReading, 'config' | 'problems'>): Promise<readonly Finding[]> {
  const { databaseUrl: url, dataDir } = reading.config
  // Else the embedded one would be looked at, which nobody wants.
  const faulty = reading.problems.find(({ field }) => field === 'DATABASE_URL')
  if (faulty) return [fail('database', `not looked at: DATABASE_URL: ${faulty.cause}`, faulty.fix)]
  if (url === undefined) {
    const made = dataDir !== 'memory://' && existsSync(join(dataDir, 'pglite.complete'))
    if (!made) return [pass('database', 'embedded; it is made at the start')]
    const holder = holderOf(dataDir)
    if (holder) return [pass('database', `embedded; process ${holder} has it open, so it was not looked into`)]
  }
  const opened = await withProgress('opening the database', () => openDatabase({ url, dataDir }))
  try {
    return [...(await server(opened, url)), await schema(opened)]
  } catch (error) {
    const reason = error instanceof Error ? `${error.message.replace(/\.$/, '')} (${reasonOf(error)})` : 'unknown fault'
    const where = url === undefined ? dataDir : maskAddress(url)
    return [
      fail('database', `${where}: ${reason}`, 'start it, or correct DATABASE_URL: host, port, user, password, name'),
    ]
  } finally {
    await opened.close()
  }
}

const oldest = 140_000
const [driftMs, brokenMs] = [1000, 30_000]

async function server(opened: Database, url: string | undefined): Promise<readonly Finding[]> {
  const facts = {
    version: sql<string>`current_setting('server_version')`,
    number: sql<number>`current_setting('server_version_num')::int`,
    user: sql<string>`current_user`,
    schema: sql<string | null>`current_schema()::text`,
    mayCreate: sql<boolean | null>`has_schema_privilege(current_schema(), 'CREATE')`,
    readOnly: sql<boolean>`pg_is_in_recovery() or current_setting('transaction_read_only') = 'on'`,
    now: sql<number>`(extract(epoch from clock_timestamp()) * 1000)::float8`,
  }
  await opened.ping()
  const asked = Date.now()
  const rows = await opened.run((db) => db.select(facts).from(sql`(values (1)) as one`))
  const [row] = rows
  if (!row) throw new Error('it gave no answer')
  const offMs = Math.round(Number(row.now) - (asked + Date.now()) / 2)
  const text = `${url === undefined ? 'embedded' : maskAddress(url)}, PostgreSQL ${row.version}`
  return [
    row.number < oldest ? warn('database', text, 'use PostgreSQL 14 or newer') : pass('database', text),
    drift(offMs),
    rights(row),
  ]
}

function drift(offMs: number): Finding {
  const text = `the database's differs from this machine's by ${offMs} ms`
  if (Math.abs(offMs) <= driftMs) return pass('database clock', text)
  const find = Math.abs(offMs) > brokenMs ? fail : warn
  return find('database clock', text, 'let both follow NTP')
}

interface Rights {
  readonly user: string
  readonly schema: string | null
  readonly mayCreate: boolean | null
  readonly readOnly: boolean
}

function rights({ user, schema, mayCreate, readOnly }: Rights): Finding {
  const check = 'database rights'
  if (readOnly) return fail(check, 'the database is read-only', 'name the primary in DATABASE_URL, not a standby')
  if (schema === null) return fail(check, `${user} has no schema to work in`, 'set its search_path to a schema')
  if (mayCreate) return pass(check, `${user} may create tables in schema ${schema}`)
  const fix = `grant create on schema ${schema} to ${user}, or run "tokmesh migrate" as a role that may`
  return warn(check, `${user} may not create tables in schema ${schema}`, fix)
}

async function schema(opened: Database): Promise<Finding> {
  const { version, known, pending } = await pendingMigrations(opened)
  const check = 'database schema'
  if (version > known) return fail(check, `version ${version}, this program knows ${known}`, 'use a newer TokMesh')
  if (pending.length === 0) return (await readable(opened)) ?? pass(check, `version ${version}, nothing pending`)
  const text = version === 0 ? 'empty' : `version ${version}, pending: ${pending.join(', ')}`
  return warn(check, text, 'run "tokmesh migrate", or just start: the server does it')
}

/** The finding when the role may not do to some table of TokMesh what the service has to. */
async function readable(opened: Database): Promise<Finding | undefined> {
  const may = (right: string) => sql`has_table_privilege(c.oid, ${sql.raw(`'${right}'`)})`
  const all = sql.join(['SELECT', 'INSERT', 'UPDATE', 'DELETE'].map(may), sql` and `)
  const rows = await opened.run((db) =>
    db
      .select({ name: sql<string>`c.relname::text` })
      .from(sql`pg_class c`)
      .where(sql`c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace and not (${all})`),
  )
  if (rows.length === 0) return undefined
  const names = rows.map(({ name }) => name).join(', ')
  return fail('database schema', `no right to read and write ${names}`, 'grant select, insert, update, delete on them')
}
