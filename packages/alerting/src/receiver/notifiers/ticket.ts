import type { MessageAlert, Notifier } from '../notifier.ts'
import { describeAlert } from './describe.ts'
import { forEachAlert } from './each-alert.ts'
import { cleanLine, cleanLines, clip } from './text.ts'
import type { Ticket, TicketDraft, TicketSystem } from './ticket-system.ts'

/** Options of {@link ticket}. */
export interface TicketOptions {
  /** Where tickets are kept. */
  readonly system: TicketSystem
}

/** GitHub's limit is 256, Jira's 255. */
const TITLE = 250
/** Longest label that a ticket shows, and how many. */
const LABEL = 500
const LABELS = 40
/** Trackers ask to be written to one at a time: GitHub counts what is written at once against its second limit. */
const AT_ONCE = 1

/**
 * Returns a notifier that opens a ticket for each incident, and comments and closes it when the incident has ended. It
 * looks for the ticket first, so that there is one however often it is told. One that people closed before stays closed
 * and gets no comment; where there is none, there is nothing to close.
 *
 * @example
 * ```ts
 * import { githubIssues, ticket } from '@honoscope/alerting/receiver'
 *
 * const tickets = ticket({ system: githubIssues({ owner: 'example', repo: 'operations', token: 'secret' }) })
 * ```
 */
export function ticket({ system }: TicketOptions): Notifier {
  return {
    kind: 'ticket',
    async send(message, { signal }) {
      const keys = message.alerts.map((alert) => alert.incidentId)
      const since = Math.min(...message.alerts.map((alert) => alert.startsAt))
      const found = new Map(await system.find(keys, since, signal))
      await forEachAlert(message.alerts, AT_ONCE, async (alert) => {
        const known = found.get(alert.incidentId)
        if (message.status === 'resolved') return resolve(system, known, alert, signal)
        if (known === undefined) found.set(alert.incidentId, await system.open(draftOf(alert), signal))
      })
    },
  }
}

async function resolve(
  system: TicketSystem,
  known: Ticket | undefined,
  alert: MessageAlert,
  signal: AbortSignal,
): Promise<void> {
  if (known === undefined || !known.open) return
  const sinceMs = alert.endsAt ?? alert.startsAt
  const text = `Resolved at ${new Date(sinceMs).toISOString()}.`
  await system.comment(known.id, { key: `${alert.incidentId} resolved`, text, sinceMs }, signal)
  await system.close(known.id, signal)
}

function draftOf(alert: MessageAlert): TicketDraft {
  const it = describeAlert(alert)
  const severity = it.severity === '' ? '' : ` (${it.severity})`
  const labels = Object.entries(alert.labels).slice(0, LABELS)
  const lines = labels.map(([name, value]) => `${clip(cleanLine(name), LABEL)}: ${clip(cleanLines(value), LABEL)}`)
  const links = [
    { title: 'Runbook', url: it.runbookUrl },
    { title: 'Source', url: it.sourceUrl },
  ]
  return {
    key: alert.incidentId,
    title: clip(`${it.name}${severity}${it.summary === '' ? '' : `: ${it.summary}`}`, TITLE),
    text: [it.description, `since ${new Date(alert.startsAt).toISOString()}`, lines.join('\n')]
      .filter(Boolean)
      .join('\n\n'),
    links: links.flatMap(({ title, url }) => (url === undefined ? [] : [{ title, url }])),
  }
}
