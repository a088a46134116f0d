/** What the commands' options and help texts share. */
import { type Command, Option } from 'commander'

/** Adds the option that every command has which looks at the configuration. */
export function withConfig(command: Command): Command {
  return command.addOption(new Option('-c, --config <file>', 'configuration file'))
}

/** Adds the option for machines. */
export function withOutput(command: Command): Command {
  return command.addOption(new Option('--json', 'print JSON'))
}

/** The end of a help text. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
