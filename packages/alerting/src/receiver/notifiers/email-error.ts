import { PermanentError } from '../notifier.ts'
import { DeliveryError } from './delivery-error.ts'
import { codeOf } from './http-sender.ts'

/**
 * Returns what a failure of the transport is to the receiver. SMTP's 5xx are final and its 4xx pass. The server's own
 * words stay out of it: they hold addresses, and sometimes what was sent to log in.
 */
export function mailError(error: unknown): Error {
  const { responseCode: status, code } = (error ?? {}) as { responseCode?: unknown; code?: unknown }
  // A server without TLS, as it may be for a while: nobody has refused the mail.
  if (typeof status !== 'number' || code === 'ETLS') return new DeliveryError(`email: not sent${codeOf(error)}`)
  const text = `email: the server answered ${status}`
  return status >= 500 ? new PermanentError(text) : new DeliveryError(text)
}

/** Throws when the server took the mail for some of the addresses and not for others. */
export function checkRejected(info: unknown, addresses: number): void {
  const rejected = (info as { rejected?: unknown } | null | undefined)?.rejected
  if (!Array.isArray(rejected) || rejected.length === 0) return
  // Sent again, it would come twice to those who have it.
  throw new PermanentError(`email: refused for ${rejected.length} of ${addresses} addresses`)
}
