import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { endWithUs, freePort } from './servers.ts'
import { until } from './until.ts'

/** A server of a {@link PostgresPair}. */
export interface PairedServer {
  /** `postgres://…/postgres`, with the superuser's credentials. */
  readonly url: string
  readonly port: number
  /** `fast` ends sessions, `immediate` is what a crash looks like; the data stay. Default: `fast`. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>
  /** Starts it again, as what it was. */
  start(): Promise<void>
  /** Makes a standby a primary, and resolves when it is one. */
  promote(): Promise<void>
  /** All that it has logged: each statement with its `application_name` in front. */
  log(): string
}

/** Two servers, of which one is a copy of the other. */
export interface PostgresPair {
  /** The primary, as long as nobody promotes the other. Its `cluster_name` is `first`. */
  readonly first: PairedServer
  /** Its standby, over streaming replication; its `cluster_name` and `application_name` are `second`. */
  readonly second: PairedServer
  /** Resolves when the standby shows all that the primary has written until now. */
  caughtUp(): Promise<void>
  /** Stops both, and deletes their data. */
  remove(): Promise<void>
}

const run = promisify(execFile)

/** Where Debian has the newest PostgreSQL that is installed. */
const programs = newestOf('/usr/lib/postgresql')

/** Why there can be no {@link PostgresPair} on this machine; `undefined` where there can. */
export const pairMissing: string | undefined =
  programs === undefined ? "Debian's PostgreSQL is not installed here" : undefined

function newestOf(home: string): string | undefined {
  const versions = existsSync(home)
    ? readdirSync(home)
        .map(Number)
        .sort((a, b) => b - a)
    : []
  return versions
    .map((version) => join(home, String(version), 'bin'))
    .find((bin) => existsSync(join(bin, 'pg_basebackup')))
}

/**
 * Starts a primary and a standby of Debian's PostgreSQL on free ports of 127.0.0.1. They end with this process at the
 * latest. Rejects with what the programs printed when that can't be done.
 */
export async function startPostgresPair(): Promise<PostgresPair> {
  const password = randomBytes(12).toString('hex')
  const home = mkdtempSync(join(tmpdir(), 'honoscope-pair-'))
  const [one, other] = [join(home, 'first'), join(home, 'second')]
  const endWatch = endWithUs([one, other, home])
  const passwordFile = join(home, 'password')
  await writeFile(passwordFile, password)
  if (process.getuid?.() === 0) {
    const { stdout } = await run('id', ['-u', 'postgres'])
    for (const path of [home, passwordFile]) chownSync(path, Number(stdout), -1)
  }
  const call = caller(home, password)
  await call(
    'initdb',
    '-D',
    one,
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--locale=C',
    '-N',
  )
  const ports = [await freePort(), await freePort()] as const
  const server = (name: string, folder: string, port: number) => pairedServer({ name, folder, port, password, call })
  const [first, second] = [server('first', one, ports[0]), server('second', other, ports[1])]
  await first.start()
  // Without the password, which stands in the environment: every user may see the arguments of a process.
  const source = `host=127.0.0.1 port=${ports[0]} user=postgres`
  await call('pg_basebackup', '-D', other, '-d', source, '-R', '-c', 'fast', '-X', 'stream', '-N')
  // The last line counts; the one that pg_basebackup wrote has no name.
  const following = `${source} password=${password} application_name=second`
  appendFileSync(join(other, 'postgresql.auto.conf'), `primary_conninfo = '${following}'\n`)
  await second.start()
  return {
    first,
    second,
    async caughtUp() {
      const [now] = await ask<{ at: string }>(first.url, 'select pg_current_wal_insert_lsn()::text as at')
      const reached = `select pg_last_wal_replay_lsn() >= '${now?.at}' as is`
      await until(async () => (await ask<{ is: boolean }>(second.url, reached))[0]?.is === true)
    },
    async remove() {
      for (const each of [second, first]) await each.stop('immediate').catch(() => {})
      rmSync(home, { recursive: true, force: true })
      endWatch()
    },
  }
}

async function ask<Row extends object>(url: string, statement: string): Promise<readonly Row[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return await sql.unsafe<Row[]>(statement)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

type Call = (program: string, ...args: readonly string[]) => Promise<void>

/** Runs PostgreSQL's programs, which refuse to be root. */
function caller(cwd: string, password: string): Call {
  return async (program, ...args) => {
    const command = [join(programs ?? '', program), ...args]
    const asOther = statSync(cwd).uid !== process.getuid?.()
    const all = asOther
      ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--', ...command]
      : command
    await run(all[0] ?? '', all.slice(1), { cwd, env: { PATH: process.env.PATH, PGPASSWORD: password } })
  }
}

interface PairedServerOptions {
  readonly name: string
  readonly folder: string
  readonly port: number
  readonly password: string
  readonly call: Call
}

function pairedServer({ name, folder, port, password, call }: PairedServerOptions): PairedServer {
  const logFile = `${folder}.log`
  const settings = {
    ...{ port, cluster_name: name, listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: 200 },
    ...{ log_statement: 'all', log_line_prefix: '%a ', wal_receiver_status_interval: 1, hot_standby_feedback: 'on' },
    // A connection that says nothing holds up even the end of a server.
    authentication_timeout: '2s',
    // One that is cut off tries again at once, and a short way back is kept for it.
    ...{ wal_retrieve_retry_interval: '200ms', wal_keep_size: '256MB' },
  }
  const flags = Object.entries(settings)
    .map(([key, value]) => `-c ${key}='${value}'`)
    .join(' ')
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    stop: (mode = 'fast') => call('pg_ctl', 'stop', '-D', folder, '-m', mode, '-w'),
    start: () => call('pg_ctl', 'start', '-D', folder, '-w', '-t', '30', '-l', logFile, '-o', flags),
    promote: () => call('pg_ctl', 'promote', '-D', folder, '-w'),
    log: () => readFileSync(logFile, 'utf8'),
  }
}
