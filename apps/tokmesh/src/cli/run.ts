/** The command line: arguments to commands. Each command's work is loaded when it is called, and nothing before. */
import { Command } from 'commander'
import { isConfigFlag } from '../config/flags.ts'
import { flagOf, keyList } from '../config/keys.ts'
import { redact } from '../log.ts'
import { version } from '../version.ts'
import { keysCommand } from './keys.ts'
import { examples, withConfig, withOutput } from './options.ts'
import { perform } from './perform.ts'

const about = `A session and token service. Its configuration comes from flags, the environment, a YAML file and \
defaults, in this order; every command takes --config and the flags that "tokmesh start --help" lists.`

/** Runs the command that `args` name. Failures end the process with 1 and a sentence on standard error. */
export async function runCli(args: readonly string[]): Promise<void> {
  const flags = args.filter(isConfigFlag)
  const program = createProgram(flags)
  const rest = args.filter((argument) => !isConfigFlag(argument))
  if (rest.length === 0) return program.outputHelp()
  await program.parseAsync(rest, { from: 'user' })
}

function createProgram(flags: readonly string[]): Command {
  const program = new Command('tokmesh')
    .description(about)
    .version(`tokmesh ${version}`, '-V, --version')
    .configureOutput({ outputError: (text, write) => write(usageError(text)) })
    .showHelpAfterError('(add --help to see how it is called)')
  program.addCommand(startCommand(flags))
  program.addCommand(keysCommand(flags))
  program.addCommand(migrateCommand(flags))
  program.addCommand(configCommand(flags))
  program.addCommand(doctorCommand(flags))
  inherit(program)
  return program
}

/** What commander says, without the value of an option that there is not: it may be a secret. */
function usageError(text: string): string {
  const nameless = text.replace(/^(error: unknown option '[^=']*)=[\s\S]*'/, "$1=…'")
  return redact(nameless.replace(/^error: /, 'tokmesh: '))
}

/** Commands made on their own don't take these over when they are added. */
function inherit(program: Command): void {
  for (const command of program.commands) {
    command.copyInheritedSettings(program)
    inherit(command)
  }
}

function startCommand(flags: readonly string[]): Command {
  const listed = keyList.map(([, { path, about }]) => `  ${flagOf(path).padEnd(48)} ${about}`)
  return withConfig(new Command('start'))
    .description('start the service in the foreground')
    .option('--print-config', 'print the configuration in force as YAML, without secrets, and end')
    .addHelpText('after', `\nConfiguration flags, as --section.key=value:\n${listed.join('\n')}`)
    .addHelpText(
      'after',
      examples('tokmesh start', 'tokmesh start --server.http.address=127.0.0.1:8080 --print-config'),
    )
    .action(async ({ config: file, printConfig }: { config?: string; printConfig?: boolean }) => {
      const { startServer } = await import('../server/start.ts')
      await startServer({ flags, file, printConfig })
    })
}

function migrateCommand(flags: readonly string[]): Command {
  return withOutput(withConfig(new Command('migrate')))
    .description('bring the schema of the database up to date')
    .option('--dry-run', 'list the steps that are pending and take none')
    .addHelpText('after', examples('tokmesh migrate --dry-run', 'DATABASE_URL=postgres://… tokmesh migrate --json'))
    .action((options) =>
      perform(flags, options, async (call) => (await import('./migrate.ts')).migrateSchema(call, options)),
    )
}

function configCommand(flags: readonly string[]): Command {
  const check = withOutput(withConfig(new Command('check')))
    .description('list everything that is wrong with the configuration')
    .addHelpText('after', examples('tokmesh config check', 'tokmesh config check --config ./config.yaml --json'))
    .action(async (options) => (await import('./config-check.ts')).checkConfig(flags, options))
  return new Command('config').description('look at the configuration').addCommand(check)
}

function doctorCommand(flags: readonly string[]): Command {
  return withOutput(withConfig(new Command('doctor')))
    .description('check all that the service needs on this machine: configuration, database, folders, ports, clocks')
    .addHelpText('after', examples('tokmesh doctor', 'tokmesh doctor --json'))
    .action(async (options) => (await import('./doctor.ts')).doctor(flags, options))
}
