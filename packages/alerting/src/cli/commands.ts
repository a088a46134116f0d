import { parseArgs } from 'node:util'
import { CliError } from './cli-error.ts'
import type { CliIo, ExitCode } from './io.ts'

/** A command: its options, its help, and what it does. What it needs is loaded when it is called. */
export interface Command {
  readonly help: string
  run(args: readonly string[], io: CliIo): Promise<ExitCode>
}

const text = { type: 'string' } as const
const texts = { type: 'string', multiple: true } as const
const flag = { type: 'boolean' } as const

const configHelp = '  --config <file>        your own rules and dashboards (honoscope.config.mjs, if there is one)'
const runbookHelp = '  --runbook-url <url>    where the runbook is: alerts and dashboards link to it'

/** All commands by name. */
export const commands: Readonly<Record<string, Command>> = {
  rules: {
    help: `Usage: honoscope rules [bundle…] [options]

Writes alerting and recording rules: of the bundles that are named, or of all.

  --format <format>      prometheus: rule files (default); operator: PrometheusRule manifests
  --out <dir>            folder for the files; - or nothing: standard output
${runbookHelp}
  --namespace <name>     operator: of the manifests
  --label <name=value>   operator: of the manifests; may stand several times
${configHelp}

Example:
  honoscope rules telemetry --out rules --runbook-url https://example.com/runbook.md
`,
    async run(args, io) {
      const options = { config: text, format: text, out: text, 'runbook-url': text, namespace: text, label: texts }
      const { values, positionals } = parsed(() => parseArgs({ args: [...args], options, allowPositionals: true }))
      return (await import('./rules.ts')).writeRules(positionals, values, io)
    },
  },
  dashboards: {
    help: `Usage: honoscope dashboards [name…] [options]

Writes Grafana dashboards as JSON: those that are named, or all.

  --out <dir>            folder for the files; - or nothing: standard output
${runbookHelp}
${configHelp}

Example:
  honoscope dashboards runtime --out dashboards
`,
    async run(args, io) {
      const options = { config: text, out: text, 'runbook-url': text }
      const { values, positionals } = parsed(() => parseArgs({ args: [...args], options, allowPositionals: true }))
      return (await import('./dashboards.ts')).writeDashboards(positionals, values, io)
    },
  },
  check: {
    help: `Usage: honoscope check <url | file | -> [options]

Tells which rules and panels name metrics that the endpoint doesn't export, and what is wrong with those that it does:
names, units, suffixes, help, labels, cardinality.

  --bundle <name>        only the rules of this one, and all of them; may stand several times
  --dashboard <name>     only the panels of this one, and all of them; may stand several times
  --header <header>      'Name: value', sent along; may stand several times
  --bearer-file <file>   holds the token for Authorization: Bearer
  --max-series <n>       series of a metric (2000)
  --max-values <n>       values of a label of a metric (200)
  --timeout-ms <n>       for the answer (10000)
  --json                 for machines
${configHelp}

Ends with 0 when there is no fault, 1 when there are some, 2 for wrong usage or an endpoint that can't be read.

Example:
  honoscope check http://127.0.0.1:5080/metrics --bearer-file metrics-key --bundle tokmesh
`,
    async run(args, io) {
      const limits = { 'max-series': text, 'max-values': text, 'timeout-ms': text }
      const reading = { header: texts, 'bearer-file': text }
      const options = { config: text, bundle: texts, dashboard: texts, json: flag, ...reading, ...limits }
      const { values, positionals } = parsed(() => parseArgs({ args: [...args], options, allowPositionals: true }))
      return (await import('./check.ts')).check(positionals, values, io)
    },
  },
}

/** What parseArgs says may hold the value of an option: a token, at worst. */
function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : ''
    const [, option = ''] = /'?(--?[a-z][a-z-]*)/.exec(message) ?? []
    const unknown = /Unknown option/.test(message)
    throw new CliError('USAGE', `${unknown ? 'there is no option' : 'wrong use of'} ${option || 'the options'}`, {
      cause,
    })
  }
}
