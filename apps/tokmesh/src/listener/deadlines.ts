/** Time limits of HTTP/1.1 connections behind TLS, where neither runtime's server keeps its own. */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ListenerLimits } from './limits.ts'

/** The connections that there are. */
export interface Connections {
  /** A connection is open: its first request has until then. */
  add(socket: Socket): void
  /** A request is there: its answer has as long as it takes. */
  busy(socket: Socket, outgoing: ServerResponse): void
  /** Ends those on which nothing is asked. */
  closeIdle(): void
}

/** Ends connections with `cut` when their next request doesn't come whole in time. */
export function createConnections(limits: ListenerLimits, cut: (socket: Socket, asked: boolean) => void): Connections {
  const underWay = new Map<Socket, number>()
  const timers = new Map<Socket, NodeJS.Timeout>()
  const wait = (socket: Socket, ms: number, asked: boolean) => {
    clearTimeout(timers.get(socket))
    const timer = setTimeout(() => cut(socket, asked), ms)
    timer.unref()
    timers.set(socket, timer)
  }
  return {
    add(socket) {
      underWay.set(socket, 0)
      wait(socket, limits.headersTimeoutMs, true)
      socket.once('close', () => {
        clearTimeout(timers.get(socket))
        timers.delete(socket)
        underWay.delete(socket)
      })
    },
    busy(socket, outgoing) {
      clearTimeout(timers.get(socket))
      underWay.set(socket, (underWay.get(socket) ?? 0) + 1)
      outgoing.once('close', () => {
        const left = (underWay.get(socket) ?? 1) - 1
        if (!underWay.has(socket)) return
        underWay.set(socket, left)
        // Silence and the next headers together: when their first byte comes can't be seen from here.
        if (left === 0) wait(socket, limits.idleTimeoutMs + limits.headersTimeoutMs, false)
      })
    },
    closeIdle() {
      for (const [socket, count] of underWay) if (count === 0) socket.destroy()
    },
  }
}
