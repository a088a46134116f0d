import { createKey, listKeys, rotateKey, setKeyStatus } from './key-operations.ts'
import type { AnyOperation } from './operation.ts'
import * as probes from './probe-operations.ts'
import { createSession, getSession, renewSession, revokeSession, touchSession } from './sessions.ts'
import { validateToken } from './tokens.ts'
import { revokeUserSessions } from './users.ts'

/** Every route of the service, in the order in which the reference shows them. */
export const operations: readonly AnyOperation[] = [
  createSession,
  getSession,
  touchSession,
  renewSession,
  revokeSession,
  revokeUserSessions,
  validateToken,
  createKey,
  listKeys,
  setKeyStatus,
  rotateKey,
  probes.health,
  probes.ready,
  probes.healthLive,
  probes.healthReady,
  probes.healthStartup,
  probes.metrics,
]
