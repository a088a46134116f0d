import { checkText, checkWhole } from './option-check.ts'

/** The server that takes mail for us. */
export interface SmtpOptions {
  /** Name of the server. Empty throws a TypeError. */
  readonly host: string
  /** Default: 587, and 465 with `secure`. Outside of 1 to 65535 throws a TypeError. */
  readonly port?: number
  /** TLS from the first byte, as on port 465. Default: false, that is STARTTLS. */
  readonly secure?: boolean
  /** Gives up where the server offers no STARTTLS. Default: true. False sends in the clear where it doesn't. */
  readonly requireTls?: boolean
  /** Default: no login. */
  readonly auth?: { readonly user: string; readonly pass: string }
  /** For servers with a certificate of their own authority. Default: the runtime's authorities. */
  readonly tls?: { readonly ca?: string | Buffer | readonly string[]; readonly servername?: string }
  /** Connections at once. 1 to 20, default: 2. Others throw a TypeError. */
  readonly maxConnections?: number
  /** For a connection, the greeting, and each answer. Milliseconds, 100 to 600,000, default: 10,000. Others throw a TypeError. */
  readonly timeoutMs?: number
}

/** A mail, as nodemailer takes it. */
export interface Mail {
  readonly from: string
  readonly to: string[]
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly messageId: string
  readonly inReplyTo: string
  readonly references: string[]
  readonly headers: Record<string, string>
  readonly disableFileAccess: true
  readonly disableUrlAccess: true
}

/** What sends mails: a transporter of nodemailer, of any of its kinds. */
export interface MailTransport {
  sendMail(mail: Mail): Promise<unknown>
  close?(): void
}

/**
 * Returns a pooled transport to the server. `nodemailer` is loaded with the first mail, so that nobody loads it who sends
 * none. Throws a TypeError that names the option which is wrong.
 */
export function smtpTransport(smtp: SmtpOptions): MailTransport {
  checkText('email: smtp.host', smtp.host)
  const secure = smtp.secure ?? false
  const port = checkWhole('email: smtp.port', smtp.port ?? (secure ? 465 : 587), 1, 65_535)
  const maxConnections = checkWhole('email: smtp.maxConnections', smtp.maxConnections ?? 2, 1, 20)
  const timeoutMs = checkWhole('email: smtp.timeoutMs', smtp.timeoutMs ?? 10_000, 100, 600_000)
  const open = async (): Promise<MailTransport> => {
    const { createTransport } = await import('nodemailer')
    return createTransport({
      pool: true,
      host: smtp.host,
      port,
      secure,
      requireTLS: !secure && (smtp.requireTls ?? true),
      maxConnections,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      ...(smtp.auth ? { auth: { user: smtp.auth.user, pass: smtp.auth.pass } } : {}),
      ...(smtp.tls ? { tls: tlsOf(smtp.tls) } : {}),
    })
  }
  let opened: Promise<MailTransport> | undefined
  return {
    async sendMail(mail) {
      opened ??= open()
      return (await opened).sendMail(mail)
    },
    close() {
      void opened?.then((transport) => transport.close?.())
      opened = undefined
    },
  }
}

function tlsOf(tls: NonNullable<SmtpOptions['tls']>): { ca?: string | Buffer | string[]; servername?: string } {
  const { ca, servername } = tls
  return {
    ...(ca === undefined ? {} : { ca: typeof ca === 'string' || Buffer.isBuffer(ca) ? ca : [...ca] }),
    ...(servername === undefined ? {} : { servername }),
  }
}
