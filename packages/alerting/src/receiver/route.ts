import type { Alert } from './alert.ts'

/** Who is told of which alerts. */
export interface Route<Name extends string = string> {
  /** Labels with the value that each must have, or a pattern that it must match. Default: every alert. */
  readonly match?: Readonly<Record<string, string | RegExp>>
  /** Names of notifiers. None: nobody is told, for an alert that only shows that alerting works. */
  readonly notifiers: readonly Name[]
  /** Tell the end as well. Default: true. */
  readonly sendResolved?: boolean
  /** Look at the routes behind this one too. Default: false, the first that matches decides. */
  readonly continue?: boolean
}

/** Returns the names of the notifiers that an alert is for, each once. */
export type Router = (alert: Pick<Alert, 'labels' | 'status'>) => readonly string[]

/**
 * Returns the router of these routes.
 *
 * @throws TypeError for a name that no notifier has, and when an alert could match none of the routes.
 */
export function createRouter(routes: readonly Route[], known: readonly string[]): Router {
  const compiled = routes.map((route, index) => {
    const unknown = route.notifiers.find((name) => !known.includes(name))
    if (unknown !== undefined) {
      throw new TypeError(`alertWebhook: routes[${index}].notifiers: there is no notifier "${unknown}"`)
    }
    return { ...route, matches: matcher(route.match ?? {}, index) }
  })
  // One that goes on after a match decides nothing.
  if (!routes.some(({ match, continue: goesOn }) => Object.keys(match ?? {}).length === 0 && goesOn !== true)) {
    throw new TypeError('alertWebhook: routes: the last one must be without match and continue, or alerts get lost')
  }
  return ({ labels, status }) => {
    const names = new Set<string>()
    for (const route of compiled) {
      if (!route.matches(labels)) continue
      if (status === 'firing' || route.sendResolved !== false) for (const name of route.notifiers) names.add(name)
      if (route.continue !== true) break
    }
    return [...names]
  }
}

function matcher(match: Readonly<Record<string, string | RegExp>>, index: number) {
  const tests = Object.entries(match).map(([label, wanted]) => {
    if (typeof wanted === 'string') return { label, test: (value: string) => value === wanted }
    if (!(wanted instanceof RegExp)) {
      throw new TypeError(`alertWebhook: routes[${index}].match.${label} must be a string or a RegExp`)
    }
    // With these flags a pattern remembers where it stopped, and matches every other time.
    const pattern = new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, ''))
    return { label, test: (value: string) => pattern.test(value) }
  })
  // A label that is absent is an empty one, as in PromQL.
  return (labels: Alert['labels']): boolean =>
    tests.every(({ label, test }) => test(Object.hasOwn(labels, label) ? (labels[label] ?? '') : ''))
}
