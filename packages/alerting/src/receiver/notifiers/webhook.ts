import type { Message, Notifier } from '../notifier.ts'
import { digest } from './digest.ts'
import { createHttpSender, discard, type HttpOptions } from './http-sender.ts'
import { checkHttpUrl, checkText } from './option-check.ts'
import { keysOf, signatureOf } from './webhook-signature.ts'

/** Options of {@link webhook}. */
export interface WebhookOptions extends HttpOptions {
  /** Where it is posted to. In no error. Anything but a URL of http or https throws a TypeError. */
  readonly url: string
  /**
   * Added to each request; the values are in no error. Default: none. A name or value that HTTP forbids, or a name
   * that is set here already (`webhook-id`, `content-type` …), throws a TypeError.
   */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * `whsec_` and 24 to 64 bytes as base64, as Standard Webhooks asks for; several while the receiver changes from one
   * to the next. Default: not signed. Others throw a TypeError.
   */
  readonly secret?: string | readonly string[]
}

/** What is posted. */
export interface WebhookBody {
  readonly type: 'alerts.firing' | 'alerts.resolved'
  /** When the last of the alerts began or ended, ISO 8601. The same for every attempt. */
  readonly timestamp: string
  readonly data: Message
}

const OWN = new Set(['content-type', 'idempotency-key', 'webhook-id', 'webhook-timestamp', 'webhook-signature'])

/**
 * Returns a notifier that posts each message as JSON, by the rules of Standard Webhooks: with an id that stays the same
 * over all attempts, and signed when there is a secret.
 *
 * Throws a TypeError that names the option which is wrong.
 *
 * @example
 * ```ts
 * import { webhook } from '@honoscope/alerting/receiver'
 *
 * const chatbot = webhook({
 *   url: 'https://bot.example.com/alerts',
 *   headers: { authorization: 'Bearer …' },
 *   secret: `whsec_${Buffer.alloc(32, 'of your own').toString('base64')}`,
 * })
 * ```
 */
export function webhook(options: WebhookOptions): Notifier {
  const url = checkHttpUrl('webhook: url', options.url)
  const headers = checkHeaders(options.headers ?? {})
  const keys = options.secret === undefined ? undefined : keysOf(options.secret)
  const now = options.now ?? Date.now
  const send = createHttpSender('webhook', options)
  return {
    kind: 'webhook',
    async send(message, { signal }) {
      const id = idOf(message)
      const timestamp = Math.floor(now() / 1000)
      const body = JSON.stringify(bodyOf(message))
      const signed = keys && { 'webhook-signature': signatureOf(keys, id, timestamp, body) }
      const own = { 'idempotency-key': id, 'webhook-id': id, 'webhook-timestamp': `${timestamp}`, ...signed }
      await discard(await send({ url, headers: { ...headers, ...own }, body, signal }))
    },
  }
}

/** The id is signed with full stops around it, so it may have none in it. */
function idOf(message: Message): string {
  return /^[\w-]{1,128}$/.test(message.id) ? message.id : digest(message.id)
}

function bodyOf(message: Message): WebhookBody {
  const at = Math.max(...message.alerts.map((alert) => alert.endsAt ?? alert.startsAt))
  return { type: `alerts.${message.status}`, timestamp: new Date(at).toISOString(), data: message }
}

function checkHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw new TypeError('webhook: headers has a name that is none')
    if (OWN.has(name.toLowerCase())) throw new TypeError(`webhook: headers must not have ${name.toLowerCase()}`)
    const text = checkText(`webhook: headers[${name}]`, value)
    if (/[^\x20-\x7e\xa0-\xff]/.test(text)) throw new TypeError(`webhook: headers[${name}] has what HTTP can't carry`)
  }
  return { ...headers }
}
