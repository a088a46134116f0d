/** `tokmesh keys …`: how they are called. What they do is in `keys-*.ts`. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { parseDuration, parseList } from '../config/parse.ts'
import { roles } from '../routes/deps.ts'
import { examples, withConfig, withOutput } from './options.ts'
import { perform } from './perform.ts'

/** The group of commands. */
export function keysCommand(flags: readonly string[]): Command {
  const group = new Command('keys')
    .description('manage API keys, straight on the database')
    .addHelpText('after', examples('tokmesh keys create --role admin', 'tokmesh keys list', 'tokmesh help keys rotate'))
  for (const make of [create, list, disable, enable, rotate]) group.addCommand(withOutput(withConfig(make(flags))))
  return group
}

type Maker = (flags: readonly string[]) => Command

const create: Maker = (flags) =>
  new Command('create')
    .description('make a key and print its credential once, as <key_id>:<key_secret>')
    .addOption(new Option('--role <role>', 'what the key may do').choices(roles).makeOptionMandatory())
    .option('--description <text>', 'up to 256 characters', '')
    .option('--allowed <list>', 'addresses and CIDR blocks that it may be used from, with commas', parseList, [])
    .option('--rate-limit <n>', 'requests per second and node, 1 to 1000000', wholeNumber, 1000)
    .addOption(
      new Option('--expires-at <time>', 'ISO 8601 or Unix ms; default: never').argParser(time).conflicts('expiresIn'),
    )
    .addOption(new Option('--expires-in <duration>', 'such as 720h').argParser(fromNow))
    .addHelpText('after', examples('tokmesh keys create --role admin', issuer))
    .action((options) =>
      perform(flags, options, async (call) => (await import('./keys-create.ts')).createKey(call, options)),
    )

const issuer = 'tokmesh keys create --role issuer --description shop --allowed 10.0.0.0/8 --expires-in 2160h --json'

const list: Maker = (flags) =>
  new Command('list')
    .description('list keys, newest first; secrets are not kept and never shown')
    .addOption(new Option('--role <role>', 'only keys of this role').choices(roles))
    .addOption(new Option('--status <status>', 'only keys of this status').choices(['active', 'disabled']))
    .addHelpText('after', examples('tokmesh keys list', 'tokmesh keys list --role admin --status active --json'))
    .action((options) =>
      perform(flags, options, async (call) => (await import('./keys-list.ts')).listKeys(call, options)),
    )

const disable: Maker = (flags) => status('disable', 'disabled', 'refuse a key from now on', flags)
const enable: Maker = (flags) => status('enable', 'active', 'let a disabled key in again', flags)

function status(name: string, wanted: 'active' | 'disabled', about: string, flags: readonly string[]): Command {
  return new Command(name)
    .description(`${about}; running servers follow within 2 s`)
    .argument('<key_id>', 'tmak-…')
    .addHelpText('after', examples(`tokmesh keys ${name} tmak-01hzzzzzzzzzzzzzzzzzzzzzza`))
    .action((id, options) =>
      perform(flags, options, async (call) => (await import('./keys-status.ts')).setKeyStatus(call, id, wanted)),
    )
}

const rotate: Maker = (flags) =>
  new Command('rotate')
    .description('give a key a new secret and print the credential once; the old secret works on for the grace')
    .argument('<key_id>', 'tmak-…')
    .addHelpText('after', examples('tokmesh keys rotate tmak-01hzzzzzzzzzzzzzzzzzzzzzza'))
    .action((id, options) =>
      perform(flags, options, async (call) => (await import('./keys-rotate.ts')).rotateKey(call, id)),
    )

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.')
  return Number(text)
}

function time(text: string): number {
  const zoned = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/i.test(text)
  const ms = /^\d{1,15}$/.test(text) ? Number(text) : zoned ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Write it like 2030-01-31T12:00:00Z or as Unix ms.')
  return ms
}

function fromNow(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('Write a duration such as 720h.')
  return Math.floor(Date.now() + ms)
}
