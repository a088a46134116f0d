/** Rules and configurations whose time passes faster, and that are the same in all else. */
import { parse, stringify } from 'yaml'

/** Keys whose value is a duration, in files of rules, of Prometheus and of Alertmanager. */
const durations = new Set([
  ...['for', 'keep_firing_for', 'interval'],
  ...['scrape_interval', 'scrape_timeout', 'evaluation_interval'],
  ...['group_wait', 'group_interval', 'repeat_interval', 'resolve_timeout'],
])

const unitMs: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1_000, m: 60_000, h: 3_600_000 },
  ...{ d: 86_400_000, w: 604_800_000, y: 31_536_000_000 },
}

/** Returns the duration divided by `factor`, in whole milliseconds. Throws for what is none. */
export function hurryDuration(text: string, factor: number): string {
  if (!/^(\d+(ms|[smhdwy]))+$/.test(text)) throw new TypeError(`no duration: ${text}`)
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/g)]
  const total = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitMs[unit] ?? 0), 0)
  return `${Math.round(total / factor)}ms`
}

/**
 * Returns the expression with its ranges, subqueries and offsets divided by `factor`: `[5m]` becomes `[20000ms]` for 15.
 * Thresholds, names and matchers stay; a duration has a unit, so that `[0-9]` in a matcher is none.
 */
export function hurryExpression(expression: string, factor: number): string {
  const hurried = (duration: string) => hurryDuration(duration, factor)
  return expression
    .replace(/\[((?:\d+(?:ms|[smhdwy]))+)(:?)((?:\d+(?:ms|[smhdwy]))*)\]/g, (_, range, colon, step) =>
      step === '' ? `[${hurried(range)}${colon}]` : `[${hurried(range)}:${hurried(step)}]`,
    )
    .replace(/\boffset (-?)((?:\d+(?:ms|[smhdwy]))+)/g, (_, sign, offset) => `offset ${sign}${hurried(offset)}`)
}

/** Returns the YAML document with every duration divided by `factor`, those inside of expressions too. */
export function hurry(document: string, factor: number): string {
  return stringify(hurried(parse(document), factor))
}

function hurried(value: unknown, factor: number): unknown {
  if (Array.isArray(value)) return value.map((each) => hurried(each, factor))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      if (typeof each !== 'string') return [key, hurried(each, factor)]
      if (durations.has(key)) return [key, hurryDuration(each, factor)]
      return [key, key === 'expr' ? hurryExpression(each, factor) : each]
    }),
  )
}
