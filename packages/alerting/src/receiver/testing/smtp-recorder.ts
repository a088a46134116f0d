import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** What came in one mail: its envelope, and its text as it was sent. */
export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly user: string | undefined
  readonly secure: boolean
}

/** A real SMTP server on localhost that writes down what comes. */
export interface SmtpRecorder {
  readonly port: number
  readonly mails: ReceivedMail[]
  /** `ok`, a status that each mail is answered with, or `hang`. */
  mode: 'ok' | 'hang' | number
  /** Addresses that are refused with 550. */
  readonly refused: Set<string>
  /** Called for each connection. */
  onConnection: () => void
  stop(): Promise<void>
}

/** Resolves to a server that takes mail from `user` with `pass`, after STARTTLS unless `options` say otherwise. */
export async function smtpRecorder(user: string, pass: string, options: SMTPServerOptions): Promise<SmtpRecorder> {
  const mails: ReceivedMail[] = []
  const refused = new Set<string>()
  const server = new SMTPServer({
    disableReverseLookup: true,
    closeTimeout: 100,
    logger: false,
    onConnect: (_, done) => {
      recorder.onConnection()
      done()
    },
    onAuth: (auth, _, done) =>
      auth.username === user && auth.password === pass
        ? done(null, { user })
        : done(failure(535, `no ${auth.password}`)),
    onRcptTo: ({ address }, _, done) => (refused.has(address) ? done(failure(550, `no ${address}`)) : done()),
    onData(stream, session, done) {
      let raw = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => {
        raw += chunk
      })
      stream.on('end', () => {
        if (recorder.mode === 'hang') return
        if (recorder.mode !== 'ok') return done(failure(recorder.mode, `no mail for ${pass}`))
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        const to = rcptTo.map(({ address }) => address)
        mails.push({ from, to, raw, user: session.user as string | undefined, secure: session.secure })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.server.address() as AddressInfo
  const stop = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
  const recorder: SmtpRecorder = { port, mails, mode: 'ok', refused, onConnection: () => {}, stop }
  return recorder
}

function failure(status: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: status })
}
