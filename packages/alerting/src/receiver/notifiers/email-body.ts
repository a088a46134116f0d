import type { Message } from '../notifier.ts'
import { type AlertText, describeAlert, groupOf, safeUrl } from './describe.ts'
import { htmlCharacter } from './text.ts'

/** Returns the part of a mail for programs and people that show plain text. */
export function textBody(message: Message, maxAlerts: number): string {
  const shown = message.alerts.slice(0, maxAlerts).map((alert) => textOf(describeAlert(alert)))
  return [headOf(message), ...shown, restOf(message, maxAlerts), footOf(message)].filter(Boolean).join('\n\n')
}

/** Returns the same as HTML. Nothing in it is loaded from anywhere. */
export function htmlBody(message: Message, maxAlerts: number): string {
  const shown = message.alerts.slice(0, maxAlerts).map((alert) => htmlOf(describeAlert(alert)))
  const color = message.status === 'firing' ? '#b00020' : '#1b7f3b'
  const alertmanager = link(safeUrl(message.externalUrl), 'Alertmanager')
  const rest = restOf(message, maxAlerts)
  return [
    '<!doctype html><html><head><meta charset="utf-8"></head>',
    '<body style="font-family:sans-serif;font-size:14px;color:#222">',
    `<p style="font-weight:bold;color:${color}">${encode(headOf(message))}</p>`,
    ...shown,
    rest && `<p>${rest}</p>`,
    alertmanager && `<p>${alertmanager}</p>`,
    '</body></html>',
  ]
    .filter(Boolean)
    .join('\n')
}

function headOf(message: Message): string {
  const count = `${message.alerts.length} ${message.alerts.length === 1 ? 'alert' : 'alerts'} ${message.status}`
  return [count, groupOf(message)].filter(Boolean).join(' · ')
}

function restOf(message: Message, maxAlerts: number): string {
  const rest = message.alerts.length - maxAlerts
  return rest > 0 ? `and ${rest} more` : ''
}

function footOf(message: Message): string {
  const url = safeUrl(message.externalUrl)
  return url === undefined ? '' : `Alertmanager: ${url}`
}

function textOf(alert: AlertText): string {
  const links = [alert.runbookUrl && `Runbook: ${alert.runbookUrl}`, alert.sourceUrl && `Source: ${alert.sourceUrl}`]
  return [nameOf(alert), alert.summary, alert.description, ...links].filter(Boolean).join('\n')
}

function htmlOf(alert: AlertText): string {
  const links = [link(alert.runbookUrl, 'Runbook'), link(alert.sourceUrl, 'Source')].filter(Boolean).join(' · ')
  const description = encode(alert.description).replaceAll('\n', '<br>')
  const lines = [`<b>${encode(nameOf(alert))}</b>`, encode(alert.summary), description, links]
  return `<p dir="auto">${lines.filter(Boolean).join('<br>')}</p>`
}

function nameOf(alert: AlertText): string {
  return alert.severity === '' ? alert.name : `${alert.name} (${alert.severity})`
}

function link(url: string | undefined, title: string): string {
  return url === undefined ? '' : `<a href="${encode(url)}">${title}</a>`
}

function encode(text: string): string {
  return Array.from(text, htmlCharacter).join('')
}
