/** Those who are told, as far as the environment names them. */
import { email, githubIssues, type Notifier, pagerDuty, slack, ticket, webhook } from '@honoscope/alerting/receiver'
import { type Environment, EnvironmentError, list, needed, optional } from './environment.ts'
import type { NotifierName } from './routing.ts'

/** What notifiers send their requests with. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Each by the variable that turns it on. */
const makers: Readonly<
  Record<string, { readonly name: NotifierName; make(value: string, environment: Environment, fetch: Fetch): Notifier }>
> = {
  SLACK_WEBHOOK_URL: { name: 'slack', make: (url, _, fetch) => slack({ url, fetch }) },
  PAGERDUTY_ROUTING_KEY: {
    name: 'pagerduty',
    make(routingKey, environment, fetch) {
      const url = optional(environment, 'PAGERDUTY_URL')
      return pagerDuty({ routingKey, fetch, ...(url && { url }) })
    },
  },
  SMTP_URL: { name: 'email', make: emailOf },
  WEBHOOK_URL: {
    name: 'webhook',
    make(url, environment, fetch) {
      const secret = optional(environment, 'WEBHOOK_SECRET')
      return webhook({ url, fetch, ...(secret && { secret }) })
    },
  },
  TICKET_GITHUB_REPOSITORY: {
    name: 'ticket',
    make(repository, environment, fetch) {
      const [owner = '', repo = ''] = repository.split('/')
      return ticket({ system: githubIssues({ owner, repo, token: needed(environment, 'TICKET_GITHUB_TOKEN'), fetch }) })
    },
  },
}

/**
 * Returns the notifiers that are configured, at least one.
 *
 * @throws EnvironmentError when there is none, for what one of them lacks, and for a value that it can't use.
 */
export function notifiersFrom(environment: Environment, fetch: Fetch): Readonly<Record<string, Notifier>> {
  const notifiers = Object.entries(makers).flatMap(([variable, { name, make }]) => {
    const value = optional(environment, variable)
    return value === undefined ? [] : [[name, named(variable, () => make(value, environment, fetch))] as const]
  })
  if (notifiers.length > 0) return Object.fromEntries(notifiers)
  throw new EnvironmentError(`nobody would be told: set at least one of ${Object.keys(makers).join(', ')}`)
}

/** Says by which variable it came what is wrong with an option. */
function named(variable: string, make: () => Notifier): Notifier {
  try {
    return make()
  } catch (error) {
    if (error instanceof TypeError) throw new EnvironmentError(`${variable}: ${error.message}`)
    throw error
  }
}

/** `smtps:` is TLS from the first byte, `smtp:` STARTTLS, and nothing is sent in the clear. */
function emailOf(address: string, environment: Environment): Notifier {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== 'smtp:' && url?.protocol !== 'smtps:')
    throw new EnvironmentError('SMTP_URL must be smtp://… or smtps://…')
  const { hostname, port, username, password } = url
  return email({
    smtp: {
      ...{ host: hostname, secure: url.protocol === 'smtps:' },
      ...(port && { port: Number(port) }),
      ...(username && { auth: { user: decoded(username), pass: decoded(password) } }),
    },
    from: needed(environment, 'EMAIL_FROM'),
    to: list(environment, 'EMAIL_TO'),
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new EnvironmentError('SMTP_URL: user and password must be escaped, % as %25')
  }
}
