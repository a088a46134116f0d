import { TokMeshError } from '../domain/errors.ts'

/** What is told of a driver's error: its code, and nothing of its text, where parameters and passwords may stand. */
export class DatabaseFault extends Error {
  override readonly name = 'DatabaseFault'
  /** SQLSTATE, or the driver's or the system's own code such as `ECONNREFUSED`. */
  readonly code: string

  constructor(code: string) {
    super(`database fault ${code}`)
    this.code = code
  }
}

/** Whom to tell about commits that the database's storage refused. */
export interface FaultHooks {
  /** Disk full, I/O error, or a server that ended with a PANIC. */
  readonly onWalFault?: (() => void) | undefined
}

const unreachable = new Set([
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EADDRNOTAVAIL',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ERR_SOCKET_CLOSED',
  'ERR_SOCKET_CLOSED_BEFORE_CONNECTION',
  'ERR_STREAM_DESTROYED',
  'ETIMEDOUT',
  'DEADLINE',
  'CLOSED',
  'NO_PRIMARY', // of several servers, none will do
  '25006', // the server may not write: a standby
  '28000', // this user may not connect
  '28P01', // wrong password
  '3D000', // no such database
  '53300', // too many connections
  '57014', // statement timeout
  '57P01', // admin shutdown
  '57P02', // crash shutdown
  '57P03', // cannot connect now
  '57P05', // idle session timeout
])

/** A certificate or a handshake that either side refuses. */
const tlsFault = /CERT|SELF_SIGNED|SIGNATURE|HOSTNAME|TLS|SSL|EPROTO/

const conflicts = new Set(['40001', '40P01', '55P03'])
const walFaults = new Set(['53100', '58030'])

/** Translates whatever a driver threw: `TM-SYS-5030` when the database can't be reached, else `TM-SYS-5001`. */
export function toTokMeshError(error: unknown, hooks: FaultHooks = {}): TokMeshError {
  if (error instanceof TokMeshError) return error
  const code = codeOf(error)
  if (walFaults.has(code) || isPanic(error)) hooks.onWalFault?.()
  const cause = new DatabaseFault(code)
  return unreachable.has(code) || code.startsWith('08') || tlsFault.test(code)
    ? new TokMeshError('TM-SYS-5030', 'The database cannot be reached.', { cause })
    : new TokMeshError('TM-SYS-5001', 'The database answered with a fault.', { cause })
}

/** Whether another transaction was in the way (serialisation, deadlock, lock timeout), so that a retry may help. */
export function isConflict(error: unknown): boolean {
  return error instanceof TokMeshError && error.cause instanceof DatabaseFault && conflicts.has(error.cause.code)
}

/** Whether the failure says that the database can't be reached, so that another attempt would only take as long. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof TokMeshError && error.code === 'TM-SYS-5030'
}

/** The innermost code: Drizzle wraps the driver's error, and Node wraps several refused addresses in one error. */
function codeOf(error: unknown): string {
  let code = 'UNKNOWN'
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 5; depth++) {
    if ('code' in at && typeof at.code === 'string') code = at.code
    at = 'cause' in at ? at.cause : undefined
  }
  return /^[A-Z0-9_]{2,40}$/.test(code) ? code : 'UNKNOWN'
}

function isPanic(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return typeof cause === 'object' && cause !== null && 'severity' in cause && cause.severity === 'PANIC'
}
