import type { Finding } from '../lint/finding.ts'
import { aligned, type Paint } from '../paint.ts'
import type { Missing } from './missing.ts'

/** What a check has found. */
export interface Report {
  readonly source: string
  readonly metrics: number
  readonly series: number
  readonly missing: readonly Missing[]
  readonly findings: readonly Finding[]
}

/** Returns what is to be counted: neither what is from elsewhere nor known exceptions. */
export const faultsOf = ({ missing, findings }: Report): number =>
  missing.filter(({ elsewhere }) => elsewhere === undefined).length +
  findings.filter(({ exception }) => exception === undefined).length

/** Returns the report for people. */
export function reportText(report: Report, paint: Paint): string {
  const { source, metrics, series, missing, findings } = report
  const faults = faultsOf(report)
  const absent = missing.filter(({ elsewhere }) => elsewhere === undefined)
  const wrong = findings.filter(({ exception }) => exception === undefined)
  const known = findings.filter(({ exception }) => exception !== undefined)
  return [
    `${paint.bold(source)}: ${count(series, 'series', 'series')} of ${count(metrics, 'metric', 'metrics')}`,
    ...section(paint, 'Rules and panels name what is not exported', absentLines(absent, paint)),
    ...section(
      paint,
      'What is exported',
      rowsOf(wrong, paint.bad('✗'), ({ message }) => message),
    ),
    ...section(
      paint,
      'Known exceptions, not counted',
      rowsOf(known, '-', ({ exception = '' }) => exception),
    ),
    ...section(paint, 'From elsewhere, not counted', elsewhereLines(missing)),
    '',
    faults === 0 ? paint.good('no fault') : paint.bad(count(faults, 'fault', 'faults')),
    '',
  ].join('\n')
}

const section = (paint: Paint, title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', paint.bold(title), ...lines.map((line) => `  ${line}`)]

/** By the rule or panel that names them. */
function absentLines(absent: readonly Missing[], paint: Paint): readonly string[] {
  const by = new Map<string, string[]>()
  for (const { by: rule, series, label } of absent) {
    const lines = by.get(rule) ?? []
    by.set(rule, lines)
    lines.push(label === undefined ? series : `${series}: no sample has the label ${label}`)
  }
  return [...by].flatMap(([rule, lines]) => [`${paint.bad('✗')} ${rule}`, ...lines.map((line) => `    ${line}`)])
}

function rowsOf(findings: readonly Finding[], mark: string, words: (finding: Finding) => string): readonly string[] {
  const rows = findings.map((finding) => {
    const { metric, label, rule } = finding
    return [label === undefined ? metric : `${metric}{${label}}`, rule, words(finding)]
  })
  return aligned(rows).map((line) => `${mark} ${line}`)
}

function elsewhereLines(missing: readonly Missing[]): readonly string[] {
  const of = new Map<string, Set<string>>()
  for (const { elsewhere, series } of missing) {
    if (elsewhere !== undefined) of.set(elsewhere, (of.get(elsewhere) ?? new Set()).add(series))
  }
  const rows = [...of].map(([who, names]) => {
    const [first = '', second, ...more] = names
    const some = second === undefined ? first : `${first}, ${second}`
    return [who, more.length > 0 ? `${some} and ${more.length} more` : some]
  })
  return aligned(rows).map((line) => `- ${line}`)
}

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`
