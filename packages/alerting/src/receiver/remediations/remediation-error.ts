import { RefusedError } from '../remediation.ts'

/** The action failed; nobody knows how much of it was done. */
export class RemediationError extends Error {
  override readonly name = 'RemediationError'
  readonly code = 'HONOSCOPE_REMEDIATION_FAILED'
}

/**
 * Settles as a call of Kubernetes's API does, or rejects when the run is aborted; a call that is under way can't be
 * called back. Errors say the status alone: the client puts headers and bodies into its messages.
 */
export async function asked<T>(what: string, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  const gaveUp = (): RemediationError => new RemediationError(`${what}: gave up waiting`)
  if (signal.aborted) throw gaveUp()
  let stop = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(gaveUp())
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([call().catch((error: unknown) => Promise.reject(errorOf(what, error))), aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function errorOf(what: string, error: unknown): Error {
  const status = (error as { code?: unknown } | null)?.code
  if (typeof status !== 'number') return new RemediationError(`${what}: no answer from Kubernetes`)
  if (status === 403) return new RefusedError(`${what}: Kubernetes forbids it (403)`)
  if (status === 404) return new RefusedError(`${what}: there is none (404)`)
  if (status === 409) return new RefusedError(`${what}: it has changed meanwhile (409)`)
  return new RemediationError(`${what}: Kubernetes answered ${status}`)
}
