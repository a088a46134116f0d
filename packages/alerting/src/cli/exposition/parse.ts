import { CliError } from '../cli-error.ts'
import { parseSample, type Sample } from './sample.ts'

/** Kinds of metrics that lines beginning with `# TYPE` name. */
export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'info' | 'stateset' | 'untyped'

/** A metric of an exposition. */
export interface Family {
  /** As PromQL has it: a counter with its `_total`. */
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  readonly samples: readonly Sample[]
}

interface Draft {
  type?: string
  help?: string
  readonly samples: Sample[]
}

/**
 * Returns the metrics of an exposition, in classic text or OpenMetrics; those without a sample, too.
 *
 * @throws CliError with the number of the line that is none of it. The line itself may hold anything, and is not shown.
 */
export function parseExposition(text: string): readonly Family[] {
  const drafts = new Map<string, Draft>()
  const draft = (name: string): Draft => {
    const known = drafts.get(name) ?? { samples: [] }
    drafts.set(name, known)
    return known
  }
  const isOpenMetrics = /^# EOF\s*$/m.test(text.slice(-16))
  text.split('\n').forEach((line, index) => {
    const [, keyword, name = '', rest = ''] = /^#\s+(HELP|TYPE|UNIT)\s+(\S+)(?:[ \t](.*))?$/.exec(line) ?? []
    if (keyword === 'TYPE') draft(name).type = rest.trim()
    else if (keyword === 'HELP') draft(name).help = rest.trim()
    else if (line.trim() !== '' && !line.startsWith('#')) {
      const sample = parseSample(line) ?? fail(`line ${index + 1} is no sample`)
      draft(familyOf(sample.name, drafts)).samples.push(sample)
    }
  })
  if (drafts.size === 0) fail('it holds no metric')
  return [...drafts].map(([name, made]) => finished(name, made, isOpenMetrics))
}

const suffixes: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_count', '_sum', '_created'],
  summary: ['_count', '_sum', '_created'],
  counter: ['_total', '_created'],
  info: ['_info'],
}

/** Returns the name of the metric that a sample belongs to. */
function familyOf(name: string, drafts: ReadonlyMap<string, Draft>): string {
  if (drafts.has(name)) return name
  for (const [type, ends] of Object.entries(suffixes)) {
    for (const end of ends) {
      const family = name.endsWith(end) ? name.slice(0, -end.length) : ''
      if (family && drafts.get(family)?.type === type) return family
    }
  }
  return name
}

const types: readonly string[] = ['counter', 'gauge', 'histogram', 'summary', 'info', 'stateset'] satisfies FamilyType[]

function finished(name: string, { type = 'untyped', help = '', samples }: Draft, isOpenMetrics: boolean): Family {
  const known = (types.includes(type) ? type : 'untyped') as FamilyType
  // OpenMetrics names the metric without the suffix that its samples have to have.
  const end = isOpenMetrics && (known === 'counter' ? '_total' : known === 'info' ? '_info' : '')
  return { name: end && !name.endsWith(end) ? `${name}${end}` : name, type: known, help, samples }
}

function fail(reason: string): never {
  throw new CliError('NOT_AN_EXPOSITION', `what it answers is no exposition of metrics: ${reason}`)
}
