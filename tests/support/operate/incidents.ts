/** What those who were told know of incidents. */
import type { Listeners } from './told.ts'

/** That an incident began, or that it ended. */
export interface News {
  readonly alert: string
  readonly severity: string
  readonly status: 'firing' | 'resolved'
  readonly incident: string
}

/** What the webhook, which is told everything, was told. */
export function toldByWebhook(listeners: Listeners): readonly News[] {
  return listeners.at('/webhook').flatMap(({ body }) =>
    // biome-ignore lint/suspicious/noExplicitAny: JSON of the wire.
    body.data.alerts.map(({ labels, incidentId }: any) => ({
      ...{ alert: labels.alertname, severity: labels.severity },
      ...{ status: body.data.status, incident: incidentId },
    })),
  )
}

/** What the pager was told: each incident is an alert of its own there. */
export function toldByPager(listeners: Listeners): readonly Omit<News, 'alert' | 'severity'>[] {
  return listeners.at('/pagerduty').map(({ body }) => ({
    status: body.event_action === 'trigger' ? 'firing' : 'resolved',
    incident: body.dedup_key,
  }))
}

/** What the chat was told: name and state of each alert that is shown. */
export function toldInChat(listeners: Listeners): readonly string[] {
  return listeners.at('/slack').flatMap(({ body }) => {
    const status = body.text.startsWith('[RESOLVED') ? 'resolved' : 'firing'
    // biome-ignore lint/suspicious/noExplicitAny: JSON of the wire.
    const sections = body.blocks.filter(({ type }: any) => type === 'section')
    // biome-ignore lint/suspicious/noExplicitAny: JSON of the wire.
    return sections.map(({ text }: any) => `${/^\*(\w+)\*/.exec(text.text)?.[1]} ${status}`)
  })
}

/** Those that occur more than once. */
export function repeated(news: readonly Pick<News, 'incident' | 'status'>[]): readonly string[] {
  const keys = news.map(({ incident, status }) => `${incident} ${status}`)
  return keys.filter((key, index) => keys.indexOf(key) !== index)
}
