import { createHash } from 'node:crypto'
import { createUlid, type RandomBytes, type UlidOptions } from '@honoscope/api-key'

/** A session id in lower case. */
export const sessionIdPattern: RegExp = /^tmss-[0-7][0-9a-hjkmnp-tv-z]{25}$/

/** Id of an API key in lower case. */
export const keyIdPattern: RegExp = /^tmak-[0-7][0-9a-hjkmnp-tv-z]{25}$/

/** The text with A to Z in lower case, and nothing else: toLowerCase() also turns the Kelvin sign into a k. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** A session token, as clients may send it. Case matters. */
export const tokenPattern: RegExp = /^tmtk_[A-Za-z0-9_-]{43}$/

/** A request id that a client may choose. */
export const requestIdPattern: RegExp = /^[A-Za-z0-9._-]{1,128}$/

/** Returns a generator of session ids: `tmss-` and a ULID; each is greater than the one before. */
export function createSessionIds(options: UlidOptions = {}): () => string {
  const ulid = createUlid(options)
  return () => `tmss-${ulid()}`
}

/** A new session token: `tmtk_` and 32 random bytes. */
export function newToken(random: RandomBytes = systemRandom): string {
  return `tmtk_${randomText(random, 32)}`
}

/** A new request id: `req-` and 16 random bytes. */
export function newRequestId(random: RandomBytes = systemRandom): string {
  return `req-${randomText(random, 16)}`
}

/** What is kept of a token: `tmth_` and the SHA-256 of the whole token in hex. */
export function hashToken(token: string): string {
  return `tmth_${createHash('sha256').update(token, 'utf8').digest('hex')}`
}

const systemRandom: RandomBytes = (bytes) => crypto.getRandomValues(bytes)

function randomText(random: RandomBytes, length: number): string {
  return Buffer.from(random(new Uint8Array(length))).toString('base64url')
}
