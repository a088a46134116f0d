import { countConnections } from '@honoscope/db-drizzle-instrumentation'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { Connection } from './connection.ts'
import { type PrimaryRoute, routeToPrimary } from './primary-route.ts'
import { driverSettings, serverSettings } from './server-settings.ts'

/** How an external database is used. */
export interface ExternalOptions {
  /** Connections at most. Default: 10. */
  readonly poolSize?: number | undefined
  /** What messages about the changes of this pool call their sender. Default: `-`. */
  readonly sender?: string | undefined
}

// Enough to keep the connections busy: the driver sends several statements down one without waiting for answers.
const statementsPerConnection = 8

/** Prepares a pool for `url`; it connects with the first query, so this succeeds while the database is down. */
export function openExternal(url: string, options: ExternalOptions = {}): Connection {
  const { poolSize = 10, sender } = options
  const route = routeOf(url, poolSize)
  const sockets = countConnections({ socket: route.options.socket })
  const client = postgres(route.url, {
    ...driverSettings,
    ...route.options,
    max: poolSize,
    ...{ socket: sockets.socket },
    connection: serverSettings(sender),
  })
  return {
    kind: 'postgres',
    db: drizzle(client),
    room: poolSize * statementsPerConnection,
    connections: () => ({ open: sockets.open(), max: poolSize }),
    heed: route.heed,
    end: () => client.end({ timeout: 2 }),
  }
}

function routeOf(url: string, burst: number): PrimaryRoute {
  try {
    return routeToPrimary(url, burst)
  } catch {
    // The error of `new URL` holds the text, and with it the password.
    throw new Error('the address of the database is not a PostgreSQL URL')
  }
}
