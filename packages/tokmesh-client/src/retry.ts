/** When a call is tried again, and after how long: the contract's sections 4.0 (column "Idempotent") and 5 ("Client retry"). */
import { TokMeshError } from './errors.ts'
import { operations } from './generated.ts'
import type { Settings } from './options.ts'
import { NetworkError, TimeoutError, UnexpectedAnswerError } from './transport-errors.ts'

/** Name of an operation. */
export type OperationId = keyof typeof operations

type Write = { [Id in OperationId]: (typeof operations)[Id]['method'] extends 'POST' ? Id : never }[OperationId]

/** Whether a write can be carried out twice without harm. One that is missing here is a type error. */
const harmlessTwice: Readonly<Record<Write, boolean>> = {
  createSession: false,
  touchSession: true,
  renewSession: false,
  revokeSession: true,
  revokeUserSessions: true,
  validateToken: true,
  createKey: false,
  setKeyStatus: true,
  rotateKey: false,
  // The second within a minute is refused, and its refusal would hide the numbers of the first.
  triggerGc: false,
}

/** Whether the operation can be repeated where nobody knows whether it was carried out. */
export function isRepeatable(id: OperationId): boolean {
  return operations[id].method === 'GET' || harmlessTwice[id as Write]
}

/** Reasons of network errors before which nothing was sent: those of Node, then Bun's. */
const nothingSent: readonly string[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'ConnectionRefused',
  'FailedToOpenSocket',
]

/** Contract: conflicts and faults are tried again three times at the most. */
const contractLimit = 3

/** First pause where the service names none. Milliseconds. */
const firstPauseMs = 100

/**
 * Pause in milliseconds after the `failures`th failure, or `undefined` where the call is not tried again. Pauses are
 * spread upwards by a quarter, so that those who failed together don't come back together.
 */
export function pauseAfter(
  error: unknown,
  failures: number,
  mayRepeat: boolean,
  { retries, maxRetryAfterMs, random }: Pick<Settings, 'retries' | 'maxRetryAfterMs' | 'random'>,
): number | undefined {
  if (failures > retries) return undefined
  const ms =
    error instanceof TokMeshError ? afterAnswer(error, failures, mayRepeat) : afterNone(error, failures, mayRepeat)
  if (ms === undefined || (hasHint(error) && ms > maxRetryAfterMs)) return undefined
  return ms * (1 + random() / 4)
}

function afterAnswer(error: TokMeshError, failures: number, mayRepeat: boolean): number | undefined {
  const { code, retryAfterSeconds, details } = error
  const hintMs = retryAfterSeconds === undefined ? firstPauseMs : retryAfterSeconds * 1000
  // Refused before anything was done.
  if (code === 'TM-SYS-4290') return hintMs
  if (code === 'TM-SESS-4091') return failures > contractLimit ? undefined : hintMs * 2 ** (failures - 1)
  if (code === 'TM-SYS-5000') return failures > contractLimit ? undefined : firstPauseMs * failures
  // The database may have been lost between its commit and its answer. A committed revoke is done: who waits for
  // its confirmation decides how long.
  if (code === 'TM-SYS-5030' && mayRepeat && details.committed !== true) return exponential(failures)
  return undefined
}

function afterNone(error: unknown, failures: number, mayRepeat: boolean): number | undefined {
  const unsent = error instanceof NetworkError && nothingSent.includes(error.reason)
  const unknown =
    error instanceof NetworkError ||
    error instanceof TimeoutError ||
    (error instanceof UnexpectedAnswerError && [502, 503, 504].includes(error.status))
  return unsent || (unknown && mayRepeat) ? exponential(failures) : undefined
}

const exponential = (failures: number) => firstPauseMs * 2 ** (failures - 1)

const hasHint = (error: unknown) => error instanceof TokMeshError && error.retryAfterSeconds !== undefined
