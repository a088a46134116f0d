import type { Alert, AlertStatus, Delivery } from '../alert.ts'
import { type Fields, InvalidDeliveryError, labels, object, optionalText, text, time } from './fields.ts'

/** Generous for what Prometheus sends, and small enough for a row. */
const labelLimits = { count: 128, nameChars: 256, valueChars: 2_048 }
const annotationLimits = { count: 128, nameChars: 256, valueChars: 8_192 }
const maxTextChars = 2_048

/**
 * Returns the delivery that a JSON document is: `webhook.Message` of Alertmanager, version 4, with its `template.Data`.
 *
 * @throws InvalidDeliveryError that names the field.
 */
export function parseDelivery(document: unknown, maxAlerts: number): Delivery {
  const body = object(document, 'The body')
  if (body.version !== '4') throw new InvalidDeliveryError('version must be "4".')
  statusOf(body, 'status')
  labels(body.commonLabels, 'commonLabels', labelLimits)
  labels(body.commonAnnotations, 'commonAnnotations', annotationLimits)
  if (!Array.isArray(body.alerts)) throw new InvalidDeliveryError('alerts must be a list.')
  if (body.alerts.length > maxAlerts) throw new InvalidDeliveryError(`alerts must be at most ${maxAlerts}.`)
  return {
    groupKey: text(body.groupKey, 'groupKey', maxTextChars),
    groupLabels: labels(body.groupLabels, 'groupLabels', labelLimits),
    receiver: text(body.receiver, 'receiver', maxTextChars),
    externalUrl: optionalText(body.externalURL, 'externalURL', maxTextChars),
    truncatedAlerts: count(body.truncatedAlerts),
    alerts: body.alerts.map(alert),
  }
}

function alert(value: unknown, index: number): Alert {
  const name = `alerts[${index}]`
  const fields = object(value, name)
  const status = statusOf(fields, `${name}.status`)
  const startsAt = time(fields.startsAt, `${name}.startsAt`)
  if (startsAt === undefined) throw new InvalidDeliveryError(`${name}.startsAt must be the time of its start.`)
  // Of one that fires it is the zero time, or when it will be taken for ended: no end either way.
  const endsAt = status === 'firing' ? undefined : time(fields.endsAt, `${name}.endsAt`)
  if (status === 'resolved' && endsAt === undefined) {
    throw new InvalidDeliveryError(`${name}.endsAt must be the time of its end.`)
  }
  return {
    status,
    labels: labels(object(fields.labels, `${name}.labels`), `${name}.labels`, labelLimits),
    annotations: labels(fields.annotations, `${name}.annotations`, annotationLimits),
    startsAt,
    endsAt,
    generatorUrl: optionalText(fields.generatorURL, `${name}.generatorURL`, maxTextChars),
    fingerprint: fingerprint(fields.fingerprint, `${name}.fingerprint`),
  }
}

function statusOf({ status }: Fields, name: string): AlertStatus {
  if (status === 'firing' || status === 'resolved') return status
  throw new InvalidDeliveryError(`${name} must be "firing" or "resolved".`)
}

function fingerprint(value: unknown, name: string): string {
  if (typeof value === 'string' && /^[\w-]{1,64}$/.test(value)) return value
  throw new InvalidDeliveryError(`${name} must be up to 64 letters and digits.`)
}

function count(value: unknown): number {
  if (value === undefined || value === null) return 0
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new InvalidDeliveryError('truncatedAlerts must be a whole number.')
}
