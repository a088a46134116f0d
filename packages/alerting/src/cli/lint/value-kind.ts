/**
 * What a label value should never be. Each is looked for in the parts of the value between `/`, since a concrete path
 * holds ids; a template such as `/sessions/{session_id}` and a status of three digits are none.
 */
const kinds: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['a UUID', /^[{(]?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[)}]?$/i],
  // An instance of a systemd unit is written alike: `getty@tty1.service`.
  [
    'an e-mail address',
    /^[^@\s]+@[^@\s]+\.(?!(service|socket|device|mount|swap|target|timer|slice|scope|path)$)[a-z]{2,}$/i,
  ],
  ['a timestamp', /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d|^1\d{9}(\d{3})?(\.\d+)?$/],
  ['a token', /^(Bearer |Basic |ey[JK][\w-]+\.)|^(sk|pk|ghp|gho|xox[abp]|tmtk|tmas|AKIA)[-_]?[A-Za-z0-9_-]{12,}$/],
  // ULIDs, with or without a prefix, and what counts up.
  ['an id', /^([a-z]+[-_])?[0-9a-hjkmnp-tv-z]{26}$|^([a-z]+[-_#])?\d{5,}$/i],
  ['a hash', /^(?=.*\d)(?=.*[a-f])([0-9a-f]{16}|[0-9a-f]{24}|[0-9a-f]{32,})$/i],
]

/** Returns what the value looks like, if that is something which no label should hold. */
export function kindOfValue(value: string): string | undefined {
  for (const part of value.split('/')) {
    const kind = kinds.find(([, pattern]) => pattern.test(part))?.[0]
    if (kind) return kind
    if (isRandom(part)) return 'a token'
  }
  return undefined
}

/** Random text in the alphabets of Base64: long, in one piece, with digits and both cases. */
const isRandom = (text: string): boolean =>
  /^[\w+=-]{20,}$/.test(text) && /\d.*\d.*\d/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text)
