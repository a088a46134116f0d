import type { Socket } from 'node:net'
import postgres from 'postgres'
import type { DatabaseServers } from '../database-servers.ts'
import { applicationName, driverSettings } from './server-settings.ts'
import { connectTo, failedSocket, serverAddress } from './server-socket.ts'

/** How long one server is waited for, and how long the others are once a primary has been found. */
const [patienceMs, othersMs] = [1_500, 300]

/**
 * Finds the primary among several servers: each is asked, over a connection of its own. Resolves with its place among
 * `urls`, with `undefined` when none will do. Never rejects.
 *
 * An old primary that comes back after another was promoted does not know that: of two, the one with the later
 * timeline counts, as far as both answer in time.
 */
export async function findPrimary({ urls, wanted }: DatabaseServers): Promise<number | undefined> {
  const found: { readonly at: number; readonly timeline: number }[] = []
  await new Promise<void>((resolve) => {
    const all = urls.map(async (url, at) => {
      const timeline = await ask(url, wanted === 'read-write')
      if (timeline === undefined) return
      found.push({ at, timeline })
      setTimeout(resolve, othersMs)
    })
    Promise.all(all).then(() => resolve())
  })
  found.sort((a, b) => b.timeline - a.timeline || a.at - b.at)
  return found[0]?.at
}

/** The timeline of a server that is the primary; `undefined` when it is not, or can't be asked. */
async function ask(url: string, mustWrite: boolean): Promise<number | undefined> {
  const address = serverAddress(url)
  if (!address) return undefined
  let socket: Socket | undefined
  // Once: where a proxy hangs up, as its server is down, the driver would dial again at once, without end.
  const dial = () => {
    if (socket) return failedSocket('CONNECTION_CLOSED')
    socket = connectTo(address)
    return socket
  }
  const client = postgres(url, {
    ...driverSettings,
    max: 1,
    connect_timeout: patienceMs / 1_000,
    connection: { application_name: applicationName, statement_timeout: patienceMs },
    ...{ socket: dial },
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patienceMs)
  })
  try {
    return await Promise.race([timelineOf(client, mustWrite), late])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
    // The driver leaves the connection to a server that does not answer as it is.
    await client.end({ timeout: 0 }).catch(() => {})
    socket?.destroy()
  }
}

async function timelineOf(client: ReturnType<typeof postgres>, mustWrite: boolean): Promise<number | undefined> {
  const [row] = await client<{ standby: boolean; readonly: string }[]>`
    select pg_is_in_recovery() as standby, current_setting('transaction_read_only') as readonly`
  if (row === undefined || row.standby || (mustWrite && row.readonly === 'on')) return undefined
  // The first eight digits of the name of a file of write-ahead log. Not every service that calls itself PostgreSQL has one.
  const names = await client<{ name: string }[]>`select pg_walfile_name(pg_current_wal_lsn()) as name`.catch(() => [])
  return Number.parseInt(names[0]?.name.slice(0, 8) ?? '0', 16) || 0
}
