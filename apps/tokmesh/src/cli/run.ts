/** The command line: arguments to commands. Each command's work is loaded when it is called, and nothing before. */

import { redact } from '@honoscope/logging'
import { Command } from 'commander'
import { isConfigFlag } from '../config/flags.ts'
import { version } from '../version.ts'
import { flagsHelp } from './flags-help.ts'
import { keysCommand } from './keys.ts'
import { examples, withConfig, withOutput } from './options.ts'
import { perform } from './perform.ts'

const about = `A session and token service. Its configuration comes from flags, the environment, a YAML file and \
defaults, in this order; every command takes --config and the flags that "tokmesh start --help" lists.`

/** Runs the command that `args` name. Failures end the process with 1 and a sentence on standard error. */
export async function runCli(args: readonly string[]): Promise<void> {
  const flags = args.filter(isConfigFlag)
  const program = createProgram(flags, args.includes('--json'))
  const rest = args.filter((argument) => !isConfigFlag(argument))
  if (rest.length === 0) return program.outputHelp()
  // By itself `help keys create` is the help of `keys`.
  const [first, ...words] = rest
  const asked = first === 'help' && words.length > 1 ? [...words, '--help'] : rest
  await program.parseAsync(asked, { from: 'user' })
}

function createProgram(flags: readonly string[], json: boolean): Command {
  const program = new Command('tokmesh')
    .description(about)
    .version(`tokmesh ${version}`, '-V, --version')
    .configureOutput({ outputError: (text, write) => tellMisuse(text, write, json) })
    .addHelpText('after', examples('tokmesh start', 'tokmesh keys create --role admin', 'tokmesh help keys create'))
    .showHelpAfterError('(add --help to see how it is called)')
  program.addCommand(startCommand(flags))
  program.addCommand(keysCommand(flags))
  program.addCommand(migrateCommand(flags))
  program.addCommand(configCommand(flags))
  program.addCommand(doctorCommand(flags))
  inherit(program)
  return program
}

/** Tells what commander says, without the value of an option that there is not: it may be a secret. */
function tellMisuse(text: string, write: (text: string) => void, json: boolean): void {
  const nameless = text.replace(/^(error: unknown option '[^=']*)=[\s\S]*'/, "$1=…'")
  const told = redact(nameless.replace(/^error: /, ''))
  write(`tokmesh: ${told}`)
  if (json) process.stdout.write(`${JSON.stringify({ error: [told.trim()] })}\n`)
}

/** Commands made on their own don't take these over when they are added. */
function inherit(program: Command): void {
  for (const command of program.commands) {
    command.copyInheritedSettings(program)
    inherit(command)
  }
}

function startCommand(flags: readonly string[]): Command {
  return withConfig(new Command('start'))
    .description('start the service in the foreground')
    .option('--print-config', 'print the configuration in force as YAML, without secrets, and end')
    .addHelpText('after', flagsHelp())
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
      perform(
        ...([flags, options] as const),
        async (call) => (await import('./migrate.ts')).migrateSchema(call, options),
        'leave it to the server, which brings the schema up to date at its start',
      ),
    )
}

function configCommand(flags: readonly string[]): Command {
  const check = withOutput(withConfig(new Command('check')))
    .description('list everything that is wrong with the configuration')
    .addHelpText('after', examples('tokmesh config check', 'tokmesh config check --config ./config.yaml --json'))
    .action(async (options) => (await import('./config-check.ts')).checkConfig(flags, options))
  return new Command('config')
    .description('look at the configuration')
    .addHelpText('after', examples('tokmesh config check', 'tokmesh config check --json'))
    .addCommand(check)
}

function doctorCommand(flags: readonly string[]): Command {
  return withOutput(withConfig(new Command('doctor')))
    .description('check all that the service needs on this machine: configuration, database, folders, ports, clocks')
    .addHelpText('after', examples('tokmesh doctor', 'tokmesh doctor --json'))
    .action(async (options) => (await import('./doctor.ts')).doctor(flags, options))
}
