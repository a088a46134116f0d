import { describe } from 'vitest'
import type { Notifier } from '../notifier.ts'
import { hasOpenssl, selfSigned } from '../testing/certificate.ts'
import { fakeGithub } from '../testing/fake-github.ts'
import { type Answer, httpRecorder, type Recorded } from '../testing/http-recorder.ts'
import { type ContractSubject, notifierContract } from '../testing/notifier-contract.ts'
import { pagerDutyFault, slackFault } from '../testing/service-limits.ts'
import { smtpRecorder } from '../testing/smtp-recorder.ts'
import { email } from './email.ts'
import { githubIssues } from './github-issues.ts'
import { pagerDuty } from './pager-duty.ts'
import { slack } from './slack.ts'
import { ticket } from './ticket.ts'
import { webhook } from './webhook.ts'

const SECRET = 'Tsecret0Tsecret1Tsecret2Tsecret3'

/** A server that takes what has no fault, and tells the secret to whoever would repeat its words. */
async function overHttp(
  notifierFor: (url: string) => Notifier,
  ok: number,
  fault: (request: Recorded) => string | undefined,
): Promise<ContractSubject> {
  const taken: string[] = []
  const fine = (request: Recorded): Answer => {
    const found = fault(request)
    if (found !== undefined) return { status: 400, body: found }
    taken.push(request.body)
    return { status: ok, body: 'ok' }
  }
  const server = await httpRecorder(fine)
  const states: Record<string, (request: Recorded) => Answer> = {
    fine,
    busy: () => ({ status: 503, body: SECRET }),
    refusing: () => ({ status: 400, body: SECRET, headers: { 'x-why': SECRET } }),
    hanging: () => 'hang',
  }
  return {
    notifier: notifierFor(server.url),
    secrets: [SECRET],
    taken: () => taken,
    came: () => server.requests.length,
    serverIs: (state) => {
      server.answer = states[state] ?? fine
    },
    stop: () => server.stop(),
  }
}

notifierContract('slack', () =>
  overHttp(
    (url) => slack({ url: `${url}/services/${SECRET}` }),
    200,
    ({ body }) => slackFault(body),
  ),
)

notifierContract('pagerduty', () =>
  overHttp(
    (url) => pagerDuty({ routingKey: SECRET, url: `${url}/v2/enqueue` }),
    202,
    ({ body }) => pagerDutyFault(body),
  ),
)

notifierContract('webhook', () =>
  overHttp(
    (url) => webhook({ url: `${url}/?key=${SECRET}`, headers: { authorization: SECRET }, secret: `whsec_${SECRET}` }),
    204,
    ({ headers }) => (headers['webhook-signature'] === undefined ? 'not signed' : undefined),
  ),
)

notifierContract('ticket', async () => {
  const server = await fakeGithub(SECRET)
  const fine = server.answer
  const states: Record<string, (request: Recorded) => Answer> = {
    fine,
    busy: () => ({ status: 502, body: SECRET }),
    refusing: () => ({ status: 404, body: SECRET }),
    hanging: () => 'hang',
  }
  const system = githubIssues({ owner: 'example', repo: 'operations', token: SECRET, url: server.url })
  return {
    notifier: ticket({ system }),
    secrets: [SECRET],
    // What was opened, and what was closed.
    taken: () => [...server.issues, ...server.issues.filter((it) => it.state === 'closed')].map((it) => it.body),
    came: () => server.requests.length,
    serverIs: (state) => {
      server.answer = states[state] ?? fine
    },
    stop: () => server.stop(),
  }
})

// Without openssl there is no certificate for the server, and mail goes nowhere without TLS.
describe.skipIf(!hasOpenssl)('with TLS (needs openssl)', () => {
  notifierContract('email', async () => {
    const { key, cert } = selfSigned()
    const server = await smtpRecorder('alerts', SECRET, { key, cert })
    let connections = 0
    const notifier = email({
      smtp: {
        host: 'localhost',
        port: server.port,
        auth: { user: 'alerts', pass: SECRET },
        tls: { ca: cert },
        maxConnections: 1,
      },
      from: 'Alerts <alerts@example.com>',
      to: 'on-call@example.com',
    })
    const modes = { fine: 'ok', busy: 451, refusing: 554, hanging: 'hang' } as const
    server.onConnection = () => connections++
    return {
      notifier,
      secrets: [SECRET, 'on-call@example.com'],
      taken: () => server.mails.map(({ raw }) => raw),
      came: () => connections,
      serverIs: (state) => {
        server.mode = modes[state]
      },
      stop: async () => {
        notifier.close()
        await server.stop()
      },
    }
  })
})
