import { createHmac } from 'node:crypto'

/**
 * Standard Webhooks 1.0: `{id}.{timestamp}.{body}` under HMAC-SHA256, with the secret as base64 behind `whsec_`.
 */
const SECRET = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/

/** Returns the keys behind the secrets; throws a TypeError that has none of them in it. */
export function keysOf(secret: string | readonly string[]): readonly Buffer[] {
  const secrets = typeof secret === 'string' ? [secret] : secret
  const keys = secrets.map((it) => Buffer.from(SECRET.exec(it)?.[1] ?? '', 'base64'))
  if (keys.length > 0 && keys.every((key) => key.length >= 24 && key.length <= 64)) return keys
  throw new TypeError('webhook: secret must be `whsec_` and 24 to 64 bytes as base64, or a list of such')
}

/** Returns the value of `webhook-signature`: one for each key, so that receivers can change theirs. */
export function signatureOf(keys: readonly Buffer[], id: string, timestamp: number, body: string): string {
  const signed = `${id}.${timestamp}.${body}`
  return keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`).join(' ')
}
