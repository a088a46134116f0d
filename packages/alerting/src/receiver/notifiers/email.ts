import type { Message, Notifier } from '../notifier.ts'
import { DeliveryError } from './delivery-error.ts'
import { severityOf, titleOf } from './describe.ts'
import { htmlBody, textBody } from './email-body.ts'
import { checkRejected, mailError } from './email-error.ts'
import { domainOf, threadHeaders } from './email-thread.ts'
import { type Mail, type MailTransport, type SmtpOptions, smtpTransport } from './email-transport.ts'
import { checkText, checkWhole } from './option-check.ts'
import { cleanLine, clip } from './text.ts'

/** Options of {@link email}. */
export interface EmailOptions {
  /** The server that takes our mail. This or `transport`, not both: else a TypeError. */
  readonly smtp?: SmtpOptions
  /** A transporter of nodemailer's that you made yourself: SES, DKIM, a proxy. It is yours to close. */
  readonly transport?: MailTransport
  /** `Alerts <alerts@example.com>`. Empty or with a line break throws a TypeError. */
  readonly from: string
  /** Addresses, all of which see each other. An empty list throws a TypeError. */
  readonly to: string | readonly string[]
  /** Alerts of a message that are shown; the rest is counted. 1 to 500, default: 50. Others throw a TypeError. */
  readonly maxAlerts?: number
  /**
   * Makes the subject; line breaks and controls are taken out of it, and it is cut at 200 characters. Default:
   * `[FIRING:2] HighLatency (critical)`.
   */
  readonly subject?: (message: Message) => string
}

/** A notifier that holds connections open. */
export interface EmailNotifier extends Notifier {
  /** Ends the connections that wait for a next mail. Nothing for a `transport` of yours. */
  close(): void
}

/**
 * Returns a notifier that sends mails, in text and HTML, over a pool of connections to an SMTP server with TLS. Mails
 * about one incident make a thread.
 *
 * Throws a TypeError that names the option which is wrong.
 *
 * @example
 * ```ts
 * import { email } from '@honoscope/alerting/receiver'
 *
 * const mail = email({
 *   smtp: { host: 'smtp.example.com', auth: { user: 'alerts', pass: 'secret' } },
 *   from: 'Alerts <alerts@example.com>',
 *   to: ['on-call@example.com'],
 * })
 * ```
 */
export function email(options: EmailOptions): EmailNotifier {
  const from = checkText('email: from', options.from)
  const to = typeof options.to === 'string' ? [options.to] : [...options.to]
  if (to.length === 0) throw new TypeError('email: to must have an address')
  for (const address of to) checkText('email: to', address)
  const maxAlerts = checkWhole('email: maxAlerts', options.maxAlerts ?? 50, 1, 500)
  const subjectOf = options.subject ?? defaultSubject
  const transport = transportOf(options)
  return {
    kind: 'email',
    async send(message, { signal }) {
      const mail = mailOf(message, { from, to, maxAlerts, subject: clip(cleanLine(subjectOf(message)), 200) })
      const info = await unlessAborted(signal, () => transport.sendMail(mail))
      checkRejected(info, to.length)
    },
    close: () => (options.transport === undefined ? transport.close?.() : undefined),
  }
}

function transportOf(options: EmailOptions): MailTransport {
  if (options.transport && !options.smtp) return options.transport
  if (options.smtp && !options.transport) return smtpTransport(options.smtp)
  throw new TypeError('email: either smtp or transport must be set')
}

function defaultSubject(message: Message): string {
  const severity = severityOf(message)
  return severity === '' ? titleOf(message) : `${titleOf(message)} (${severity})`
}

interface Envelope {
  readonly from: string
  readonly to: string[]
  readonly maxAlerts: number
  readonly subject: string
}

function mailOf(message: Message, { from, to, maxAlerts, subject }: Envelope): Mail {
  const { references, ...ids } = threadHeaders(message, domainOf(from))
  return {
    from,
    to: [...to],
    subject,
    text: textBody(message, maxAlerts),
    html: htmlBody(message, maxAlerts),
    ...ids,
    references: [...references],
    // So that no "I am on holiday" comes back.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** A mail under way can't be called back: after an abort it may still arrive, and the next attempt has the same id. */
async function unlessAborted(signal: AbortSignal, send: () => Promise<unknown>): Promise<unknown> {
  const gaveUp = (): DeliveryError => new DeliveryError('email: gave up waiting')
  if (signal.aborted) throw gaveUp()
  let stop = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(gaveUp())
    signal.addEventListener('abort', stop, { once: true })
  })
  const sent = send().catch((error: unknown) => Promise.reject(mailError(error)))
  try {
    return await Promise.race([sent, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
