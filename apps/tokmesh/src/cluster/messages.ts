/** The texts of notifications: the migration `changes` says what they look like. */

/** What was changed. */
export type ChangeKind = 'revoked' | 'sessions' | 'keys' | 'anything'

/** A part of a change. */
export interface Change {
  readonly seq: number
  readonly kind: ChangeKind
  /** Unix ms by the database's clock. */
  readonly at: number
  readonly sender: string
  readonly ids: readonly string[]
}

/** A message as it came. */
export interface SentMessage {
  readonly kind: string
  readonly sender: string
  /** Unix ms by the database's clock. */
  readonly at: number
  readonly words: readonly string[]
}

/** PostgreSQL takes less than this. */
const payloadBytes = 8_000

const kinds: Readonly<Record<string, ChangeKind>> = { r: 'revoked', s: 'sessions', k: 'keys' }

const changeFormat = /^(\d{1,15}) ([a-z]) (\d{1,15}) (\S{1,64}) (\S*)$/

/** Returns what a notification of changes says, `undefined` when it can't be read. */
export function parseChange(payload: string): Change | undefined {
  const [, seq, letter = '', at, sender = '', ids = ''] = changeFormat.exec(payload) ?? []
  if (seq === undefined) return undefined
  // A later version may tell of what this one does not know.
  const kind = kinds[letter] ?? 'anything'
  if (kind !== 'anything' && ids === '') return undefined
  return { seq: Number(seq), kind, at: Number(at), sender, ids: kind === 'anything' ? [] : ids.split(',') }
}

/** Returns what one node said to all, `undefined` when it can't be read. */
export function parseMessage(payload: string): SentMessage | undefined {
  const [kind, sender, at, ...words] = payload.split(' ')
  if (!kind || !sender || at === undefined || !/^\d{1,15}$/.test(at)) return undefined
  return { kind, sender, at: Number(at), words }
}

/** Throws a TypeError unless these can be sent and come out as they went in. */
export function checkMessage(kind: string, sender: string, words: readonly string[]): void {
  const parts = [kind, sender, '0'.repeat(15), ...words]
  if (parts.some((part) => !/^\S+$/.test(part)))
    throw new TypeError('words of a message must not be empty or have blanks')
  if (Buffer.byteLength(parts.join(' ')) >= payloadBytes) {
    throw new TypeError(`a message must be shorter than ${payloadBytes} bytes`)
  }
}
