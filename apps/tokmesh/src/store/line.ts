import type { Socket } from 'node:net'
import type { SocketFactory } from '@honoscope/db-drizzle-instrumentation'
import postgres from 'postgres'
import { DatabaseFault, toTokMeshError } from './faults.ts'
import { type PrimaryRoute, routeToPrimary } from './primary-route.ts'
import { driverSettings, serverSettings } from './server-settings.ts'

/** One connection, which is opened by its first query and never again once it was closed. */
export interface Line {
  /**
   * Runs one statement; several without parameters may stand in one text. Rejects with a `TokMeshError`, and after
   * `limitMs` (default 1,500), when the connection is destroyed.
   */
  query<Row extends object>(
    statement: string,
    parameters?: readonly unknown[],
    limitMs?: number,
  ): Promise<readonly Row[]>
  /** Takes leave of the server, for at most half a second. */
  end(): Promise<void>
  /** Ends the connection at once, without a word. */
  destroy(): void
}

/** Who hears of a {@link Line}. */
export interface LineListeners {
  /** A notification of a channel that was listened to. Called in the order in which the server sent them. */
  readonly onNotify: (channel: string, payload: string) => void
  /** The connection has ended, and not by `end` or `destroy`. Called once at most. */
  readonly onClose: () => void
}

const defaultLimitMs = 1_500

// A frozen or cut off process must not keep what it holds on the server: within this time the server ends its session.
const patienceMs = 5_000

/**
 * Returns a function that makes lines to the primary at `url`, whichever of its hosts that is.
 * `sender` is what the server calls this process when it tells of changes. Throws when `url` is none.
 */
export function createLines(url: string, sender: string): (listeners: LineListeners) => Line {
  const route = routeOf(url)
  const settings = {
    ...serverSettings(sender),
    idle_session_timeout: patienceMs,
    // For one that takes nothing any more: the server would wait for it in the middle of a message, which is not idle.
    tcp_user_timeout: patienceMs,
  }
  return (listeners) => openLine(route, settings, listeners)
}

function routeOf(url: string): PrimaryRoute {
  try {
    return routeToPrimary(url, 1, 50)
  } catch {
    // The error of `new URL` holds the text, and with it the password.
    throw new Error('the address of the database is not a PostgreSQL URL')
  }
}

function openLine(
  route: PrimaryRoute,
  connection: ReturnType<typeof serverSettings>,
  { onNotify, onClose }: LineListeners,
): Line {
  let isOver = false
  let socket: Socket | undefined
  const connect: SocketFactory = async (target) => {
    socket = await route.options.socket(target)
    // The driver connects once more for a query that has not been sent.
    if (isOver) socket.destroy()
    return socket
  }
  const client = postgres(route.url, {
    ...{ ...driverSettings, max: 1, connection, target_session_attrs: 'primary' as const },
    // Whoever holds this connection has to know when it ends.
    ...{ idle_timeout: 0, max_lifetime: null, onnotify: onNotify, onclose: () => lose() },
    ...{ socket: connect },
  })

  const destroy = () => {
    isOver = true
    socket?.destroy()
    client.end({ timeout: 0 }).catch(() => {})
  }
  const lose = () => {
    if (isOver) return
    destroy()
    onClose()
  }

  const query = async <Row extends object>(
    statement: string,
    parameters: readonly unknown[] = [],
    limitMs = defaultLimitMs,
  ): Promise<readonly Row[]> => {
    try {
      if (isOver) throw new DatabaseFault('CLOSED')
      const plain = parameters.length === 0
      // `prepare` saves a round trip from the second time on; the texts are few.
      const rows = client.unsafe<Row[]>(statement, [...parameters] as never[], { prepare: !plain })
      return await within(limitMs, rows, lose)
    } catch (error) {
      throw toTokMeshError(error)
    }
  }

  return {
    query,
    destroy,
    async end() {
      isOver = true
      await client.end({ timeout: 0.5 }).catch(() => {})
      socket?.destroy()
    },
  }
}

/** Settles as `result` does; after `limitMs` it calls `giveUp` and rejects. */
function within<T>(limitMs: number, result: PromiseLike<T>, giveUp: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new DatabaseFault('DEADLINE'))
      giveUp()
    }, limitMs)
    timer.unref()
    result.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
