import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Attempt, type Message, PermanentError } from '../notifier.ts'
import { hasOpenssl, selfSigned } from '../testing/certificate.ts'
import { linesOf } from '../testing/lines.ts'
import { alertOf, messageOf, oddMessages, resolvedOf } from '../testing/messages.ts'
import { type SmtpRecorder, smtpRecorder } from '../testing/smtp-recorder.ts'
import { type EmailNotifier, type EmailOptions, email } from './email.ts'
import type { Mail, SmtpOptions } from './email-transport.ts'

const attempt = (): Attempt => ({ number: 1, signal: AbortSignal.timeout(30_000) })
const addresses = { from: 'Alerts <alerts@example.com>', to: ['one@example.com', 'two@example.com'] }

/** The mail that would be sent. */
async function mailOf(message: Message, options: Partial<EmailOptions> = {}): Promise<Mail> {
  const mails: Mail[] = []
  const transport = { sendMail: async (mail: Mail) => mails.push(mail) }
  await email({ ...addresses, transport, ...options }).send(message, attempt())
  return mails[0] as Mail
}

/** Header fields by name in lower case, unfolded. */
function headersOf(raw: string): Map<string, string> {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ')
  return new Map(
    head.split('\r\n').map((line) => [line.split(':')[0]?.toLowerCase() ?? '', line.replace(/^[^:]*: */, '')]),
  )
}

describe.skipIf(!hasOpenssl)('over SMTP (needs openssl)', () => {
  const { key, cert } = hasOpenssl ? selfSigned() : { key: '', cert: '' }
  let server: SmtpRecorder
  let notifier: EmailNotifier | undefined
  beforeEach(async () => {
    server = await smtpRecorder('alerts', 'Tsecret', { key, cert })
  })
  afterEach(async () => {
    notifier?.close()
    await server.stop()
  })
  const notifierOf = (smtp: Partial<SmtpOptions> = {}): EmailNotifier => {
    const auth = { user: 'alerts', pass: 'Tsecret' }
    notifier = email({ ...addresses, smtp: { host: 'localhost', port: server.port, auth, tls: { ca: cert }, ...smtp } })
    return notifier
  }

  it('logs in after STARTTLS, and sends to all addresses', async () => {
    await notifierOf().send(messageOf(), attempt())
    expect(server.mails).toMatchObject([{ user: 'alerts', secure: true, from: 'alerts@example.com', to: addresses.to }])
    expect(headersOf(server.mails[0]?.raw ?? '').get('auto-submitted')).toBe('auto-generated')
  })

  it('has the same id for each attempt, and the end in the thread of the beginning', async () => {
    const it = notifierOf()
    await it.send(messageOf(), attempt())
    await it.send(messageOf(), attempt())
    await it.send(resolvedOf(messageOf()), attempt())
    const [first, again, end] = server.mails.map(({ raw }) => headersOf(raw))
    expect(first?.get('message-id')).toMatch(/^<[0-9a-f]{40}@example\.com>$/)
    expect(again?.get('message-id')).toBe(first?.get('message-id'))
    expect(end?.get('message-id')).not.toBe(first?.get('message-id'))
    expect(end?.get('references')).toBe(first?.get('references'))
    expect(end?.get('in-reply-to')).toBe(first?.get('references'))
  })

  it('lets no label add a header field or an address', async () => {
    await notifierOf().send(
      oddMessages['has markup, controls, line breaks, emoji and texts from right to left'] as Message,
      attempt(),
    )
    const [mail] = server.mails
    const headers = headersOf(mail?.raw ?? '')
    expect([...headers.keys()].sort()).toEqual(
      'auto-submitted content-type date from in-reply-to message-id mime-version references subject to x-auto-response-suppress'.split(
        ' ',
      ),
    )
    expect(mail?.to).toEqual(addresses.to)
  })

  it('sends nothing where there is no TLS', async () => {
    const plain = await smtpRecorder('alerts', 'Tsecret', { disabledCommands: ['STARTTLS'], allowInsecureAuth: true })
    await expect(notifierOf({ port: plain.port }).send(messageOf(), attempt())).rejects.toThrow(
      'email: not sent (ETLS)',
    )
    expect(plain.mails).toHaveLength(0)
    notifier?.close()
    await notifierOf({ port: plain.port, requireTls: false }).send(messageOf(), attempt())
    expect(plain.mails).toMatchObject([{ secure: false }])
    notifier?.close()
    await plain.stop()
  })

  it('sends nothing to a server that nobody vouches for', async () => {
    const failed = notifierOf({ tls: {} }).send(messageOf(), attempt())
    await expect(failed).rejects.toMatchObject({ code: 'HONOSCOPE_NOTIFICATION_FAILED' })
    expect(server.mails).toHaveLength(0)
  })

  it('speaks TLS from the first byte when told to', async () => {
    const tls = await smtpRecorder('alerts', 'Tsecret', { key, cert, secure: true })
    await notifierOf({ port: tls.port, secure: true }).send(messageOf(), attempt())
    expect(tls.mails).toMatchObject([{ secure: true }])
    notifier?.close()
    await tls.stop()
  })

  it('says without a word of the server that the login is refused', async () => {
    const failed = notifierOf({ auth: { user: 'alerts', pass: 'Twrong' } }).send(messageOf(), attempt())
    await expect(failed).rejects.toBeInstanceOf(PermanentError)
    await expect(failed).rejects.toThrow(/^email: the server answered 535$/)
  })

  it('says how many addresses are refused, and does not send to the others again', async () => {
    server.refused.add('two@example.com')
    const failed = notifierOf().send(messageOf(), attempt())
    await expect(failed).rejects.toBeInstanceOf(PermanentError)
    await expect(failed).rejects.toThrow(/^email: refused for 1 of 2 addresses$/)
    expect(server.mails).toMatchObject([{ to: ['one@example.com'] }])
  })

  it('gives up by itself on a server that says nothing more', async () => {
    server.mode = 'hang'
    const failed = notifierOf({ timeoutMs: 300 }).send(messageOf(), attempt())
    await expect(failed).rejects.toMatchObject({ code: 'HONOSCOPE_NOTIFICATION_FAILED' })
  })
})

it('shows the same in text and in HTML', async () => {
  const { subject, text, html } = await mailOf(messageOf())
  expect(linesOf({ subject, text, html })).toMatchInlineSnapshot(`
    {
      "html": [
        "<!doctype html><html><head><meta charset="utf-8"></head>",
        "<body style="font-family:sans-serif;font-size:14px;color:#222">",
        "<p style="font-weight:bold;color:#b00020">1 alert firing · cluster=eu</p>",
        "<p dir="auto"><b>HighLatency (critical)</b><br>P95 is above 2 s<br>It has been for 5 minutes.<br><a href="https://example.com/runbook#highlatency">Runbook</a> · <a href="https://prometheus.example.com/graph?g0.expr=up&amp;g0.tab=1">Source</a></p>",
        "<p><a href="https://alertmanager.example.com/">Alertmanager</a></p>",
        "</body></html>",
      ],
      "subject": "[FIRING:1] HighLatency (critical)",
      "text": [
        "1 alert firing · cluster=eu",
        "",
        "HighLatency (critical)",
        "P95 is above 2 s",
        "It has been for 5 minutes.",
        "Runbook: https://example.com/runbook#highlatency",
        "Source: https://prometheus.example.com/graph?g0.expr=up&g0.tab=1",
        "",
        "Alertmanager: https://alertmanager.example.com/",
      ],
    }
  `)
})

it('escapes what it puts into HTML', async () => {
  const nasty = '<script>alert(1)</script><img src=x onerror="y">'
  const alert = alertOf({ annotations: { summary: nasty, description: nasty, runbook_url: 'javascript:alert(1)' } })
  const { html } = await mailOf(messageOf({ alerts: [alert], groupLabels: { x: nasty } }))
  expect(html).not.toMatch(/<script|<img|javascript:/)
  expect(html).toContain('&lt;script&gt;')
})

it('shows as many alerts as it is told to, and counts the others', async () => {
  const { text, html } = await mailOf(oddMessages['has 100 alerts'] as Message, { maxAlerts: 2 })
  expect(text.match(/HighLatency \(critical\)/g)).toHaveLength(2)
  expect(text).toContain('and 98 more')
  expect(html).toContain('and 98 more')
})

it('takes a subject of yours, on one line', async () => {
  const { subject } = await mailOf(messageOf(), {
    subject: ({ status }) => `alerts:\r\n ${status}\u0000 ${'x'.repeat(300)}`,
  })
  expect(subject).toMatch(/^alerts: firing x{180,}…$/)
  expect(subject.length).toBeLessThanOrEqual(200)
})

it.each([
  [{}, 'email: either smtp or transport'],
  [{ smtp: { host: '' } }, 'email: smtp.host'],
  [{ smtp: { host: 'localhost', port: 0 } }, 'email: smtp.port'],
  [{ smtp: { host: 'localhost', timeoutMs: 1 } }, 'email: smtp.timeoutMs'],
  [{ smtp: { host: 'localhost', maxConnections: 0 } }, 'email: smtp.maxConnections'],
  [{ smtp: { host: 'localhost' }, to: [] }, 'email: to'],
  [{ smtp: { host: 'localhost' }, to: 'a@example.com\r\nBcc: b@example.com' }, 'email: to'],
  [{ smtp: { host: 'localhost' }, from: 'a@example.com\n' }, 'email: from'],
  [{ smtp: { host: 'localhost' }, maxAlerts: 0 }, 'email: maxAlerts'],
])('throws at once for %j', (options, named) => {
  expect(() => email({ ...addresses, ...options })).toThrow(TypeError)
  expect(() => email({ ...addresses, ...options })).toThrow(named)
})
