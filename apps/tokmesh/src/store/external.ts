import { countConnections } from '@honoscope/db-drizzle-instrumentation'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import type { Connection } from './connection.ts'
import { pacedSockets } from './paced-socket.ts'
import { serverSettings } from './server-settings.ts'

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
  const sockets = countConnections({ socket: pacedSockets(poolSize, 200) })
  const settings = {
    max: poolSize,
    socket: sockets.socket,
    connect_timeout: 2,
    // A fixed short pause between attempts: the pool's own grows to 20 s, and so would a recovery.
    backoff: () => 0.1,
    fetch_types: false,
    onnotice: () => {},
    connection: serverSettings(sender),
  }
  const client = connect(url, settings)
  return {
    kind: 'postgres',
    db: drizzle(client),
    room: poolSize * statementsPerConnection,
    connections: () => ({ open: sockets.open(), max: poolSize }),
    end: () => client.end({ timeout: 2 }),
  }
}

function connect(url: string, settings: Parameters<typeof postgres>[1]): ReturnType<typeof postgres> {
  try {
    return postgres(url, settings)
  } catch {
    // The error of `new URL` holds the text, and with it the password.
    throw new Error('the address of the database is not a PostgreSQL URL')
  }
}
