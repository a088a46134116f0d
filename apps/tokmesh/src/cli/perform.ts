/** What the commands that work on the database share: configuration, database, output, failures. */

import { redact } from '@honoscope/logging'
import { dataFolderFault } from '../config/data-folder.ts'
import { type Config, describeProblem, describeWarning, readConfig } from '../config.ts'
import { messageOf } from '../message-of.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { withProgress } from './progress.ts'

/** Options that all of them have. */
export interface CommonOptions {
  readonly config?: string
  readonly json?: boolean
}

/** What a command works with. */
export interface Call {
  readonly config: Config
  readonly database: Database
}

/** What a command has to say: the same for people and for machines. */
export interface Outcome {
  /** For standard output; nothing else goes there. */
  readonly text: string
  /** The same for `--json`. */
  readonly json: object
  /** For standard error, where people are told more. Not shown with `--json`. */
  readonly notes?: readonly string[]
}

const say = (line: string): void => void process.stderr.write(`tokmesh: ${redact(line)}\n`)

/**
 * Opens the database, does `work`, closes it, and prints. Exit code 1 with a sentence when any of it fails.
 * `whereHeld` is what one may do where a server has the data folder.
 */
export async function perform(
  flags: readonly string[],
  options: CommonOptions,
  work: (call: Call) => Promise<Outcome>,
  whereHeld = 'use the admin API of the running server',
): Promise<void> {
  const reading = readConfig(process.env, { flags, file: options.config })
  const { config, problems, warnings } = reading
  for (const warning of warnings) say(describeWarning(warning))
  if (problems.length > 0) return failed(problems.map(describeProblem), options)
  try {
    print(await onDatabase(config, work), options)
  } catch (error) {
    failed([dataFolderFault(error, reading, whereHeld) ?? sentenceOf(error)], options)
  }
}

async function onDatabase(config: Config, work: (call: Call) => Promise<Outcome>): Promise<Outcome> {
  const { databaseUrl: url, dataDir } = config
  const database = await withProgress('opening the database', () => openDatabase({ url, dataDir }))
  try {
    return await work({ config, database })
  } finally {
    await database.close()
  }
}

function print({ text, json, notes = [] }: Outcome, options: CommonOptions): void {
  if (!options.json) for (const note of notes) say(note)
  process.stdout.write(options.json ? `${JSON.stringify(json)}\n` : text === '' ? '' : `${text}\n`)
}

function failed(messages: readonly string[], { json }: CommonOptions): void {
  process.exitCode = 1
  for (const message of messages) say(message)
  if (json) process.stdout.write(`${JSON.stringify({ error: messages.map(redact) })}\n`)
}

/** What may be shown of a failure. The advice is for what people run into most. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error)
  const code = 'code' in error ? error.code : undefined
  if (code === 'TM-SYS-5030')
    return `${error.message.replace(/\.$/, '')} (${reasonOf(error)}); check DATABASE_URL, or run "tokmesh doctor"`
  return typeof code === 'string' && code.startsWith('TM-') ? `${error.message} (${reasonOf(error)})` : error.message
}

/** What SQLSTATEs mean that operators meet before anything works. */
const meanings: Readonly<Record<string, string>> = {
  '28P01': 'wrong password',
  '28000': 'this user may not connect',
  '3D000': 'no such database',
  '53300': 'too many connections',
  '42501': 'the user lacks the right',
  CLOSED: 'closed',
  DEADLINE: 'no answer in time',
}

/** The code of the fault at the bottom, and what it means. Never a driver's text, which may hold a secret. */
export function reasonOf(error: Error): string {
  const { cause } = error
  const code =
    cause instanceof Error && 'code' in cause ? String(cause.code) : 'code' in error ? String(error.code) : ''
  return meanings[code] ? `${meanings[code]}, ${code}` : code
}
