import { exportedBy } from './check/exported.ts'
import { missingOf } from './check/missing.ts'
import { faultsOf, type Report, reportText } from './check/report.ts'
import { readSource, shownSource } from './check/source.ts'
import { recordedBy, usesOf } from './check/uses.ts'
import { CliError } from './cli-error.ts'
import { loadEverything } from './config.ts'
import { parseExposition } from './exposition/parse.ts'
import type { CliIo, ExitCode } from './io.ts'
import { lint } from './lint/lint.ts'
import { paint } from './paint.ts'

/** Options of `honoscope check`. */
export interface CheckOptions {
  readonly config?: string | undefined
  readonly bundle?: readonly string[] | undefined
  readonly dashboard?: readonly string[] | undefined
  readonly header?: readonly string[] | undefined
  readonly 'bearer-file'?: string | undefined
  readonly 'max-series'?: string | undefined
  readonly 'max-values'?: string | undefined
  readonly 'timeout-ms'?: string | undefined
  readonly json?: boolean | undefined
}

/** `honoscope check`: tells what rules and panels miss at the endpoint, and what is wrong with what it exports. */
export async function check(sources: readonly string[], options: CheckOptions, io: CliIo): Promise<ExitCode> {
  const [source, ...more] = sources
  if (source === undefined || more.length > 0)
    throw new CliError('USAGE', 'check takes one URL, one file, or - for stdin')
  const limits = {
    maxSeries: numberOf(options, 'max-series', 2_000),
    maxValues: numberOf(options, 'max-values', 200),
  }
  const reading = {
    headers: options.header ?? [],
    bearerFile: options['bearer-file'],
    timeoutMs: numberOf(options, 'timeout-ms', 10_000),
  }
  const { bundle = [], dashboard = [] } = options
  const everything = await loadEverything(options.config, io.cwd)
  const uses = usesOf(everything, bundle, dashboard)
  const families = parseExposition(await readSource(source, reading, io))
  const report: Report = {
    source: shownSource(source),
    metrics: families.length,
    series: families.reduce((total, { samples }) => total + samples.length, 0),
    missing: missingOf(uses, {
      exported: exportedBy(families),
      recorded: recordedBy(everything),
      own: everything.catalogue,
      strict: bundle.length + dashboard.length > 0,
    }),
    findings: lint(families, limits),
  }
  const faults = faultsOf(report)
  io.out(options.json ? `${JSON.stringify({ faults, ...report })}\n` : reportText(report, paint(io.color)))
  return faults > 0 ? 1 : 0
}

function numberOf(options: CheckOptions, name: 'max-series' | 'max-values' | 'timeout-ms', otherwise: number): number {
  const text = options[name]
  if (text === undefined) return otherwise
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new CliError('USAGE', `--${name} ${text} is not a whole number from 1 on`)
  return Number(text)
}
