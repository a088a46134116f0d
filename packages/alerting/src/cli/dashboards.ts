import { refusing } from './cli-error.ts'
import { chosen, loadEverything } from './config.ts'
import type { CliIo, ExitCode } from './io.ts'
import { writeTexts } from './write-texts.ts'

/** Options of `honoscope dashboards`. */
export interface DashboardsOptions {
  readonly config?: string | undefined
  readonly out?: string | undefined
  readonly 'runbook-url'?: string | undefined
}

/** `honoscope dashboards`: writes the JSON of the dashboards that are named, or of all. */
export async function writeDashboards(
  names: readonly string[],
  options: DashboardsOptions,
  io: CliIo,
): Promise<ExitCode> {
  const { dashboards } = await loadEverything(options.config, io.cwd)
  const url = options['runbook-url']
  const texts = chosen('dashboard', dashboards, names).map(([name, make]) => ({
    file: `${name}.json`,
    text: `${JSON.stringify(
      refusing(() => make(url === undefined ? {} : { runbookUrl: url })),
      null,
      2,
    )}\n`,
  }))
  await writeTexts(texts, options.out, io, '')
  return 0
}
