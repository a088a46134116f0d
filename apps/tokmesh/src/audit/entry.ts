/** Makes entries out of facts: with an id and a time, with texts that can be stored, and without secrets. */
import { createUlid, type UlidOptions } from '@honoscope/api-key'
import { redact } from '@honoscope/logging'
import type { AuditAction, AuditDetails, AuditEntry } from '../domain/audit.ts'
import { cutUserAgent } from '../domain/rules.ts'

/** What happened. */
export interface AuditFacts {
  readonly operatorId: string
  readonly action: AuditAction
  readonly result: AuditEntry['result']
  /** Default: `''`, unknown. */
  readonly resource?: string | undefined
  /** Default: none. */
  readonly userAgent?: string | undefined
  /** Default: none. */
  readonly details?: AuditDetails | undefined
  /** Where the call came from. Default: from no network. */
  readonly address?: { readonly client: string; readonly peer: string } | undefined
}

/** Makes an entry of facts. */
export type NewEntry = (facts: AuditFacts) => AuditEntry

/** Returns a maker of entries whose ids each are greater than the one before. */
export function createEntries(options: UlidOptions = {}): NewEntry {
  const { clock = Date.now } = options
  const ulid = createUlid({ ...options, clock })
  return ({ operatorId, action, result, resource = '', userAgent = '', details = {}, address }) => ({
    id: `audit-${ulid()}`,
    timestamp: clock(),
    ...{ operatorId, action, result },
    resource: clean(resource),
    userAgent: clean(userAgent),
    details: cleanObject(details),
    tcpRemoteIp: address?.peer ?? '',
    clientIp: address?.client ?? '',
  })
}

const newEntry = createEntries()

/** An entry about what the operator did from outside of the API: with the command line, or by a first start. */
export function systemEntry(
  action: AuditAction,
  resource: string,
  details: AuditDetails,
  result: AuditEntry['result'] = 'SUCCESS',
): AuditEntry {
  return newEntry({ operatorId: 'system', action, result, resource, details })
}

/** More of a text is not looked at. A secret that this cuts in two is masked like a whole one. */
const readUnits = 4096

/**
 * The text without secrets, with U+FFFD for what PostgreSQL does not take, and as short as a user agent has to be:
 * a refused call may hold texts of any length.
 */
function clean(text: string): string {
  return cutUserAgent(redact(text.slice(0, readUnits)).replace(/\0|\p{Surrogate}/gu, '\uFFFD'))
}

function cleanObject(object: AuditDetails): AuditDetails {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, cleanValue(value)]))
}

function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return clean(value)
  if (Array.isArray(value)) return value.map(cleanValue)
  return typeof value === 'object' && value !== null ? cleanObject({ ...value }) : value
}
