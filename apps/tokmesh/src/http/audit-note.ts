import type { AuditNote } from '../domain/audit.ts'
import type { AppContext } from './env.ts'
import { type PathValues, peekPath } from './path.ts'

/** Adds to what the audit entry of this call will hold. What is said later wins. */
export function noteForAudit(c: AppContext, more: AuditNote): void {
  const noted = c.get('audit')
  c.set('audit', noted ? { ...noted, ...more, details: { ...noted.details, ...more.details } } : more)
}

/** What a call is about, by its path: the contract's section 9.2; `''` when the path doesn't say. */
export function resourceOf(path: PathValues): string {
  if (path.session_id !== '') return `session:${path.session_id}`
  if (path.user_id !== '') return `user:${path.user_id}`
  return path.key_id === '' ? '' : `key:${path.key_id}`
}

/** The same of a call that may not have come to its path: by its route in Hono's form and its URL. */
export function resourceAt(route: string, url: string): string {
  return resourceOf(peekPath(url, route))
}
