import type { KeyInfo } from '@honoscope/api-key'
import type { Role } from '../routes/deps.ts'
import { keyJson } from '../routes/key-operations.ts'
import { allKeys, manageKeys, showTime } from './manage.ts'
import type { Call, Outcome } from './perform.ts'
import { table } from './table.ts'

/** Which keys. */
export interface ListOptions {
  readonly role?: Role
  readonly status?: 'active' | 'disabled'
}

const names = ['KEY ID', 'ROLE', 'STATUS', 'RATE/S', 'CREATED', 'EXPIRES', 'LAST USED', 'ALLOWED FROM', 'DESCRIPTION']

/** Lists keys. */
export async function listKeys(call: Call, { role, status }: ListOptions): Promise<Outcome> {
  const items = await manageKeys(call, (keys) => allKeys(keys, { role, status }))
  const rows = items.map((key) => [
    ...[key.id, key.role, statusOf(key), String(key.rateLimit)],
    ...[key.createdAt, key.expiresAt, key.lastUsedAt].map(showTime),
    ...[key.allowList.join(',') || 'anywhere', oneLine(key.description)],
  ])
  const text = items.length > 0 ? table(names, rows) : ''
  const notes = items.length > 0 ? [] : ['there is no such key']
  return { text, notes, json: { items: items.map((key) => keyJson(key)), total_items: items.length } }
}

/** An active key that has expired lets nobody in. */
const statusOf = ({ status, expiresAt }: KeyInfo) =>
  expiresAt !== 0 && expiresAt <= Date.now() ? `${status}, expired` : status

// biome-ignore lint/suspicious/noControlCharactersInRegex: a description may hold any, and a terminal obeys them.
const oneLine = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
