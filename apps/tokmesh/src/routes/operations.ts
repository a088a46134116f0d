import type { AuditAction } from '../domain/audit.ts'
import { listNodes, statusSummary, triggerGc } from './admin-operations.ts'
import { listAudit } from './audit.ts'
import { openApi, reference } from './documentation-operations.ts'
import { createKey, listKeys, rotateKey, setKeyStatus } from './key-operations.ts'
import type { AnyOperation } from './operation.ts'
import * as probes from './probe-operations.ts'
import { searchSessions } from './search.ts'
import { createSession, getSession, renewSession, revokeSession, touchSession } from './sessions.ts'
import { validateToken } from './tokens.ts'
import { revokeUserSessions } from './users.ts'

/** Every route of the service, in the order in which the reference shows them. */
export const operations: readonly AnyOperation[] = [
  createSession,
  getSession,
  searchSessions,
  touchSession,
  renewSession,
  revokeSession,
  revokeUserSessions,
  validateToken,
  createKey,
  listKeys,
  setKeyStatus,
  rotateKey,
  statusSummary,
  triggerGc,
  listNodes,
  listAudit,
  probes.health,
  probes.ready,
  probes.healthLive,
  probes.healthReady,
  probes.healthStartup,
  probes.metrics,
  openApi,
  reference,
]

/** Action of each audited operation, by method and route: `POST /sessions`. */
export const auditedActions: ReadonlyMap<string, AuditAction> = new Map(
  operations.flatMap((one) => ('audit' in one && one.audit ? [[`${one.method} ${one.path}`, one.audit]] : [])),
)
