import type { Change, Delivery } from './alert.ts'
import type { Message, MessageAlert } from './notifier.ts'
import type { Remediation } from './remediation.ts'
import type { Router } from './route.ts'
import type { Notification, Plan, RemediationTask } from './store/store.ts'

/** @see planWith */
export interface PlanOptions {
  readonly route: Router
  readonly remediations: Readonly<Record<string, Remediation>>
  readonly alertsPerMessage: number
  /** Makes the id of a message. */
  readonly newId: () => string
}

/** Makes of the news of one delivery what is to be told and done. `trace` is the delivery's span. */
export type Planner = (changes: readonly Change[], delivery: Delivery, trace: string | undefined) => Plan

/** Returns the planner. Alerts of one delivery with the same status and notifier become one message, or several that are full. */
export function planWith({ route, remediations, alertsPerMessage, newId }: PlanOptions): Planner {
  return (changes, delivery, trace) => {
    const { groupKey, groupLabels, externalUrl } = delivery
    // Begins first: what ended within one delivery is told as ended after it was told as begun.
    const begun = changes.filter(({ alert }) => alert.status === 'firing')
    const over = changes.filter(({ alert }) => alert.status !== 'firing')
    const groups = new Map<string, { notifier: string; status: Message['status']; alerts: MessageAlert[] }>()
    for (const change of [...begun, ...over]) {
      const alert = messageAlert(change)
      for (const notifier of route(alert)) {
        const key = `${alert.status} ${notifier}`
        const group = groups.get(key) ?? { notifier, status: alert.status, alerts: [] }
        if (group.alerts.length === 0) groups.set(key, group)
        group.alerts.push(alert)
      }
    }
    const notifications: Notification[] = []
    for (const { notifier, status, alerts } of groups.values()) {
      for (let at = 0; at < alerts.length; at += alertsPerMessage) {
        const some = alerts.slice(at, at + alertsPerMessage)
        const message = { id: newId(), status, groupKey, groupLabels, externalUrl, alerts: some }
        notifications.push({ notifier, message, trace })
      }
    }
    return { notifications, remediations: tasks(begun, remediations, trace) }
  }
}

const messageAlert = ({ alert, incident }: Change): MessageAlert => ({ ...alert, incidentId: incident.id })

/** A remediation is for the begin of an incident: whatever has ended needs none. */
function tasks(
  begun: readonly Change[],
  remediations: Readonly<Record<string, Remediation>>,
  trace: string | undefined,
): readonly RemediationTask[] {
  return begun.flatMap((change) =>
    Object.entries(remediations)
      .filter(([, { when }]) => Object.entries(when).every(([label, value]) => change.alert.labels[label] === value))
      .map(([remediation]) => ({
        incidentId: change.incident.id,
        remediation,
        alert: messageAlert(change),
        trace,
      })),
  )
}
