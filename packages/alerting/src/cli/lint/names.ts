import type { Family } from '../exposition/parse.ts'
import type { Finding } from './finding.ts'

/** Units that are not Prometheus's base units, with what they are called there. */
const units: Readonly<Record<string, string>> = {
  ns: 'seconds',
  us: 'seconds',
  ms: 'seconds',
  sec: 'seconds',
  secs: 'seconds',
  nanoseconds: 'seconds',
  microseconds: 'seconds',
  milliseconds: 'seconds',
  minutes: 'seconds',
  hours: 'seconds',
  days: 'seconds',
  kb: 'bytes',
  mb: 'bytes',
  gb: 'bytes',
  kib: 'bytes',
  mib: 'bytes',
  gib: 'bytes',
  kilobytes: 'bytes',
  megabytes: 'bytes',
  gigabytes: 'bytes',
  bits: 'bytes',
  percent: 'ratio, from 0 to 1',
  percentage: 'ratio, from 0 to 1',
  pct: 'ratio, from 0 to 1',
}

/** Returns what is wrong with a metric's name, type and help. */
export function lintName({ name, type, help }: Family): readonly Finding[] {
  const found: Finding[] = []
  const tell = (rule: Finding['rule'], message: string) => found.push({ rule, metric: name, message })
  const words = name.split('_')
  if (!help) tell('help', 'it has no # HELP')
  if (type === 'untyped') tell('type', 'it has no # TYPE: Prometheus can not tell what functions are for it')
  if (name.includes(':')) tell('name', 'a colon is for what recording rules make')
  if (/[A-Z]/.test(name)) tell('name', 'names are in lower snake_case')
  const unit = words.find((word) => Object.hasOwn(units, word))
  if (unit) tell('base-unit', `${unit} is no base unit: use ${units[unit]}`)
  if (words.includes(type)) tell('type-in-name', `"${type}" is its type, and does not belong into the name`)
  if (type === 'counter' && !name.endsWith('_total')) tell('counter-total', 'the name of a counter ends in _total')
  const reserved = reservedSuffix(name, type)
  if (reserved) tell('reserved-suffix', `${reserved.suffix} is for ${reserved.of}, and this is a ${type}`)
  return found
}

function reservedSuffix(name: string, type: string): { suffix: string; of: string } | undefined {
  const all = [
    { suffix: '_total', of: 'counters', types: ['counter'] },
    { suffix: '_bucket', of: 'the series of a histogram', types: [] },
    { suffix: '_count', of: 'the series of a histogram or summary', types: [] },
    { suffix: '_sum', of: 'the series of a histogram or summary', types: [] },
    { suffix: '_created', of: "OpenMetrics' times of creation", types: [] },
    { suffix: '_info', of: 'metrics that are always 1', types: ['gauge', 'info'] },
  ]
  return all.find(({ suffix, types }) => name.endsWith(suffix) && type !== 'untyped' && !types.includes(type))
}
