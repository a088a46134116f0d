import { CliError } from './cli-error.ts'
import { commands } from './commands.ts'
import type { CliIo, ExitCode } from './io.ts'
import { version } from './version.ts'

const help = `honoscope: alert rules and dashboards from the metrics that exist.

Usage: honoscope <command> [options]

  rules        writes alerting and recording rules, for Prometheus or its operator
  dashboards   writes Grafana dashboards
  check        tells what rules and panels miss at a /metrics endpoint, and lints what it exports

  --help       of a command: honoscope check --help
  --version
`

/** Resolves to the exit code of the command line, after it has done what `args` say. */
export async function runCli(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const [name, ...rest] = args
  if (name === '--version') return told(io, `honoscope ${version()}\n`)
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined
  if (name === '--help' || name === '-h' || name === 'help') return told(io, help)
  if (!command) {
    io.err(name === undefined ? help : `honoscope: there is no command ${JSON.stringify(name)}; see honoscope --help\n`)
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h')) return told(io, command.help)
  try {
    return await command.run(rest, io)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    io.err(`honoscope: ${error.message}\n`)
    if (error.code === 'USAGE') io.err(`See honoscope ${name} --help\n`)
    return 2
  }
}

function told(io: CliIo, text: string): ExitCode {
  io.out(text)
  return 0
}
