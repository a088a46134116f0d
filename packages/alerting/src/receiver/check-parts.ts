import type { Notifier } from './notifier.ts'
import type { Remediation } from './remediation.ts'
import { whole } from './settings.ts'

/** Throws a TypeError that names the notifier which has a strange name, or is none. */
export function checkNotifiers(notifiers: Readonly<Record<string, Notifier>>): void {
  for (const [name, notifier] of Object.entries(notifiers)) {
    checkName(name)
    if (typeof notifier?.send !== 'function') wrong(`notifiers.${name} must have a method send`)
  }
}

/**
 * Throws a TypeError that names the remediation which has a strange name, is none, is for no alert in particular, or has
 * a limit that holds nothing back.
 */
export function checkRemediations(remediations: Readonly<Record<string, Remediation>>, retentionMs: number): void {
  for (const [name, remediation] of Object.entries(remediations)) {
    checkName(name)
    const at = `remediations.${name}`
    if (typeof remediation?.run !== 'function') wrong(`${at} must have a method run`)
    const { when, limit } = remediation
    // Without one it would run for every alert there is.
    if (typeof when?.alertname !== 'string' || when.alertname === '') wrong(`${at}.when must have an alertname`)
    if (limit === undefined) continue
    whole(`${at}.limit.runs`, limit.runs, 1)
    // Runs are counted in the audit.
    if (whole(`${at}.limit.perMs`, limit.perMs, 1) > retentionMs) {
      wrong(`${at}.limit.perMs must not be above retentionMs`)
    }
  }
}

function checkName(name: string): void {
  if (!/^[\w-]{1,64}$/.test(name)) wrong(`the name "${name}" must be up to 64 letters, digits, "_" and "-"`)
}

function wrong(what: string): never {
  throw new TypeError(`alertWebhook: ${what}`)
}
