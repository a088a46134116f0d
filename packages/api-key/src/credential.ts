import { cryptoRandom, type RandomBytes } from './ulid.ts'

/** How keys look on the wire. */
export interface CredentialFormat {
  /** Before the ULID of a key id. Lower case, no `:`. Default: `tmak-`. */
  readonly idPrefix?: string
  /** Before the Base62 digits of a secret. Default: `tmas_`. */
  readonly secretPrefix?: string
}

/** The two halves of a credential. */
export interface Credential {
  /** Public, in lower case. */
  readonly id: string
  /** Never to be logged or kept. */
  readonly secret: string
}

/** What is read from a request: a credential, none, or something that is not one. */
export type Presented = Credential | 'missing' | 'malformed'

/** A {@link CredentialFormat} with its defaults filled in and its patterns built. */
export interface Credentials {
  readonly idPrefix: string
  /** `<id>:<secret>`, split at the first `:`. `undefined` when either half is not in its pattern. */
  parse(text: string): Credential | undefined
  /** From the values of `Authorization` and `X-API-Key`. */
  fromHeaders(authorization: string | undefined, apiKey: string | undefined): Presented
  /** The prefix and 43 Base62 digits of 32 random bytes. */
  newSecret(): string
}

const ulid = '[0-7][0-9a-hjkmnp-tv-z]{25}'
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 62^43 is the first power of 62 above 2^256. */
const secretDigits = 43
const bearer = /^bearer(?:[ \t]+(.*))?$/i

/** Builds the parser and generator of a wire format. Throws a `TypeError` on a prefix that could not be told apart. */
export function createCredentials(format: CredentialFormat = {}, random: RandomBytes = cryptoRandom): Credentials {
  const { idPrefix = 'tmak-', secretPrefix = 'tmas_' } = format
  if (!/^[a-z0-9._-]*$/.test(idPrefix)) throw new TypeError('format.idPrefix: lower-case letters, digits, . _ - only')
  if (!/^[\w.-]*$/.test(secretPrefix)) throw new TypeError('format.secretPrefix: letters, digits, . _ - only')
  const idPattern = new RegExp(`^${quoted(idPrefix)}${ulid}$`)
  const secretPattern = new RegExp(`^${quoted(secretPrefix)}[0-9A-Za-z]{40,48}$`)

  const parse = (text: string): Credential | undefined => {
    const colon = text.indexOf(':')
    if (colon < 0) return undefined
    const id = text.slice(0, colon).toLowerCase()
    const secret = text.slice(colon + 1)
    return idPattern.test(id) && secretPattern.test(secret) ? { id, secret } : undefined
  }
  return {
    idPrefix,
    parse,
    fromHeaders: (authorization, apiKey) => {
      const scheme = authorization === undefined ? null : bearer.exec(authorization.trim())
      const text = scheme ? (scheme[1] ?? '') : apiKey?.trim()
      if (text === undefined) return 'missing'
      return parse(text) ?? 'malformed'
    },
    newSecret: () => secretPrefix + encodeBase62(random(new Uint8Array(32))),
  }
}

/**
 * The credential in `text`, `undefined` when it is none: for checking what an operator configured before any
 * store is there.
 */
export function parseCredential(text: string, format?: CredentialFormat): Credential | undefined {
  return createCredentials(format).parse(text)
}

function encodeBase62(bytes: Uint8Array): string {
  let rest = bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n)
  let text = ''
  for (; rest > 0n; rest /= 62n) text = base62[Number(rest % 62n)] + text
  return text.padStart(secretDigits, '0')
}

function quoted(text: string): string {
  return text.replace(/[.\\-]/g, '\\$&')
}
