import type { MessageAlert } from '../notifier.ts'
import { RefusedError } from '../remediation.ts'

/** Names of Kubernetes: DNS subdomains. What is none never becomes part of a path. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/

/** Returns the value of a label as the name of a Kubernetes object; throws a {@link RefusedError} when it is none. */
export function nameIn(alert: MessageAlert, label: string): string {
  const value = Object.hasOwn(alert.labels, label) ? alert.labels[label] : undefined
  if (value === undefined || value === '') throw new RefusedError(`the alert has no label ${label}`)
  if (!NAME.test(value)) throw new RefusedError(`the label ${label} is no name of Kubernetes`)
  return value
}

/**
 * Returns whether a name is the one allowed. An expression has to match all of it: `/web-.+/` does not allow
 * `old-web-1`.
 */
export function matches(allowed: string | RegExp, name: string): boolean {
  if (typeof allowed === 'string') return allowed === name
  return new RegExp(`^(?:${allowed.source})$`, allowed.flags.replace(/[gmy]/g, '')).test(name)
}

/** Throws a TypeError that names the option when `value` is neither a name nor an expression. */
export function checkName(option: string, value: unknown): void {
  if (value instanceof RegExp || (typeof value === 'string' && NAME.test(value))) return
  throw new TypeError(`${option} must be a name of Kubernetes or a regular expression`)
}
