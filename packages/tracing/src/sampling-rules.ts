import type { SamplingRule } from './options.ts'

/** Returns what the first rule that fits says, `undefined` where none fits. */
export type RuleOf = (method: string, route: string) => SamplingRule['sample'] | undefined

/** Returns a lookup of `rules`. */
export function compileRules(rules: readonly SamplingRule[]): RuleOf {
  if (rules.length === 0) return () => undefined
  const compiled = rules.map((rule) => ({
    method: rule.method?.toUpperCase(),
    fits: matcher(rule.route),
    sample: rule.sample,
  }))
  return (method, route) =>
    compiled.find((rule) => (rule.method === undefined || rule.method === method) && rule.fits(route))?.sample
}

function matcher(pattern: string): (route: string) => boolean {
  if (!pattern.endsWith('*')) return (route) => route === pattern
  const start = pattern.slice(0, -1)
  // As in Hono, `/health/*` is for `/health` too.
  const itself = start.endsWith('/') ? start.slice(0, -1) : start
  return (route) => route.startsWith(start) || route === itself
}
