import type { Message } from '../notifier.ts'
import { digest } from './digest.ts'

/** Incidents that a mail refers to: header fields grow with them. */
const REFERENCES = 20

/** What makes a thread of mails. */
export interface ThreadHeaders {
  readonly messageId: string
  readonly inReplyTo: string
  readonly references: readonly string[]
}

/**
 * Returns the ids of a mail. Its own comes from the message's, so that servers and programs that know it from an earlier
 * attempt can drop it. The mail that tells of an end doesn't know in which mail its incident began; so every mail refers
 * to a root for each of its incidents that was never sent, and programs put together what has a root in common.
 */
export function threadHeaders(message: Message, domain: string): ThreadHeaders {
  const ids = message.alerts.map((alert) => alert.incidentId).sort()
  const references = [...new Set(ids)].slice(0, REFERENCES).map((id) => `<incident-${digest(id)}@${domain}>`)
  return { messageId: `<${digest(message.id)}@${domain}>`, inReplyTo: references[0] ?? '', references }
}

/** Returns the domain of an address such as `Alerts <alerts@example.com>`, or one that can't exist. */
export function domainOf(address: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(address)?.[1] ?? 'honoscope.invalid'
}
