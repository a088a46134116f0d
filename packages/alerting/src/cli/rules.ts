import type { RuleSet } from '../rules/define-rules.ts'
import { toPrometheusRule } from '../rules/write-operator.ts'
import { toPrometheus } from '../rules/write-prometheus.ts'
import { CliError, refusing } from './cli-error.ts'
import { chosen, loadEverything } from './config.ts'
import type { CliIo, ExitCode } from './io.ts'
import { type Text, writeTexts } from './write-texts.ts'

/** Options of `honoscope rules`. */
export interface RulesOptions {
  readonly config?: string | undefined
  readonly format?: string | undefined
  readonly out?: string | undefined
  readonly 'runbook-url'?: string | undefined
  readonly namespace?: string | undefined
  readonly label?: readonly string[] | undefined
}

const comment = 'Written by "honoscope rules"; do not edit.'

/** `honoscope rules`: writes rule files of the bundles that are named, or of all. */
export async function writeRules(names: readonly string[], options: RulesOptions, io: CliIo): Promise<ExitCode> {
  const { rules } = await loadEverything(options.config, io.cwd)
  const write = writerOf(options)
  const texts = chosen('bundle', rules, names).map(([name, set]) => refusing(() => write(name, set)))
  await writeTexts(texts, options.out, io, '---\n')
  return 0
}

function writerOf({ format = 'prometheus', ...options }: RulesOptions): (name: string, set: RuleSet) => Text {
  const url = options['runbook-url']
  const common = { comment, ...(url !== undefined && { runbookUrl: url }) }
  if (format === 'prometheus') {
    if (options.namespace !== undefined || options.label) {
      throw new CliError('USAGE', '--namespace and --label are for --format operator')
    }
    return (name, set) => ({ file: `${name}.yaml`, text: toPrometheus(set, common) })
  }
  if (format !== 'operator') throw new CliError('USAGE', `--format ${format} is neither prometheus nor operator`)
  const labels = labelsOf(options.label ?? [])
  return (name, set) => ({
    file: `prometheus-rule-${name}.yaml`,
    text: toPrometheusRule(set, {
      ...common,
      name,
      ...(options.namespace !== undefined && { namespace: options.namespace }),
      ...(labels && { labels }),
    }),
  })
}

function labelsOf(pairs: readonly string[]): Record<string, string> | undefined {
  if (pairs.length === 0) return undefined
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, label = '', value = ''] = /^([^=]+)=(.*)$/.exec(pair) ?? []
      if (!label) throw new CliError('USAGE', `--label ${pair} is not name=value`)
      return [label, value]
    }),
  )
}
