/** Why a query failed, as far as a dashboard tells it apart. */
export const failureClasses = [
  'connection',
  'timeout',
  'constraint',
  'data',
  'serialization',
  'transaction',
  'authorization',
  'syntax',
  'resources',
  'server',
  'raised',
  'other',
] as const

/** @see failureClasses */
export type FailureClass = (typeof failureClasses)[number]

/** What may be told of an error: its message and fields hold parameters. */
export interface Failure {
  readonly class: FailureClass
  /** SQLSTATE, else the driver's code (`ECONNREFUSED`), else the name of the error's class. */
  readonly type: string
  /** `undefined` when the server did not answer. */
  readonly sqlState: string | undefined
}

/** By the first two characters of SQLSTATE (PostgreSQL's manual, appendix A). */
const byStateClass: Readonly<Record<string, FailureClass>> = {
  '08': 'connection',
  '21': 'data',
  '22': 'data',
  '23': 'constraint',
  '25': 'transaction',
  '28': 'authorization',
  '40': 'serialization',
  '42': 'syntax',
  '53': 'resources',
  '54': 'resources',
  '55': 'server',
  '57': 'server',
  '58': 'server',
  P0: 'raised',
  XX: 'server',
}

/** States whose class says something else than what happened. */
const byState: Readonly<Record<string, FailureClass>> = {
  '25P03': 'timeout', // idle in a transaction for too long
  '25P04': 'timeout', // transaction took too long
  '42501': 'authorization', // insufficient privilege
  '55P03': 'timeout', // lock not available
  '57014': 'timeout', // cancelled, by statement_timeout as a rule
  '57P01': 'connection', // the server shuts down
  '57P02': 'connection',
  '57P03': 'connection',
}

const statePattern = /^[0-9A-Z]{5}$/
const codePattern = /^[A-Z][A-Z0-9_]{2,49}$/
const classPattern = /^[A-Za-z_]\w{0,63}$/

/** Errors of node-postgres and PGlite that have no code. */
const lostConnection = /^(?:Connection terminated|Client has encountered a connection error|PGlite is clos)/
const poolTimeout = /^timeout exceeded when trying to connect/

/** Drizzle wraps the driver's error, and a cause may have one again. */
const maxDepth = 5

/** Returns what may be told of what a query threw. */
export function failureOf(error: unknown): Failure {
  let cause = error
  for (let depth = 0; depth < maxDepth && cause instanceof Error; depth++) {
    const failure = codedFailure(cause)
    if (failure !== undefined) return failure
    cause = cause.cause
  }
  return { class: classOfMessage(error), type: classNameOf(error), sqlState: undefined }
}

function codedFailure(error: Error): Failure | undefined {
  const { code, errno } = error as { code?: unknown; errno?: unknown }
  // Bun has its own code in `code`, and the server's in `errno`.
  const state = matching(errno, statePattern) ?? matching(code, statePattern)
  if (state !== undefined && state !== 'EPIPE') {
    return { class: byState[state] ?? byStateClass[state.slice(0, 2)] ?? 'other', type: state, sqlState: state }
  }
  const text = matching(code, codePattern)
  return text === undefined ? undefined : { class: classOfCode(text), type: text, sqlState: undefined }
}

function classOfCode(code: string): FailureClass {
  if (/TIMEOUT|TIMEDOUT/.test(code)) return 'timeout'
  return /^(?:ECONN|EPIPE|EHOST|ENET|ENOTFOUND|EAI_)|CONNECT|AUTHENTICATION/.test(code) ? 'connection' : 'other'
}

/** The message is compared with constants; nothing of it is passed on. */
function classOfMessage(error: unknown): FailureClass {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return 'other'
  if (poolTimeout.test(cause.message)) return 'timeout'
  return lostConnection.test(cause.message) ? 'connection' : 'other'
}

function classNameOf(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER'
  return matching(error.constructor.name, classPattern) ?? 'Error'
}

function matching(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined
}
