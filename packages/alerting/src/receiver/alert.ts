/** An alert, as Alertmanager's webhook (version 4) tells it, checked. */
export interface Alert {
  readonly status: AlertStatus
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Milliseconds since the epoch. */
  readonly startsAt: number
  /** Milliseconds since the epoch; `undefined` while it fires. */
  readonly endsAt: number | undefined
  readonly generatorUrl: string
  /** Alertmanager's hash of the labels: the same for the same alert, whenever it fires. */
  readonly fingerprint: string
}

/** @see Alert */
export type AlertStatus = 'firing' | 'resolved'

/** One delivery of Alertmanager's webhook, checked. */
export interface Delivery {
  /** Alertmanager's name of the group. */
  readonly groupKey: string
  readonly groupLabels: Readonly<Record<string, string>>
  /** Name of the receiver in Alertmanager's configuration. */
  readonly receiver: string
  /** Where Alertmanager itself is. */
  readonly externalUrl: string
  /** Alerts that Alertmanager left out because of its `max_alerts`. */
  readonly truncatedAlerts: number
  readonly alerts: readonly Alert[]
}

/** One time that an alert fires, from its start to its end. */
export interface Incident {
  /** Unique, and the same for all that is told about it. */
  readonly id: string
  readonly fingerprint: string
  readonly status: AlertStatus
  /** Milliseconds since the epoch. */
  readonly startsAt: number
  readonly endsAt: number | undefined
  /**
   * By the receiver's clock: while it fires, when it was last heard of; after its end, when that was heard of.
   * Milliseconds since the epoch.
   */
  readonly seenAt: number
}

/** An alert that is news: an incident that began, or one that ended. */
export interface Change {
  readonly incident: Incident
  readonly alert: Alert
}
