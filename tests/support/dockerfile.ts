/** Reads a Dockerfile, and does in a folder what a build of it would do: `COPY` and `RUN`, stage by stage. */
import { spawnSync } from 'node:child_process'
import { chownSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** One line of it, with its continuations. */
export interface Instruction {
  readonly name: string
  readonly text: string
}

/** What stands between one `FROM` and the next. */
export interface Stage {
  readonly name: string
  /** The base image, with arguments put in. */
  readonly image: string
  readonly instructions: readonly Instruction[]
}

/** The stages of a Dockerfile, in order. */
export function readStages(text: string): readonly Stage[] {
  const lines = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n/g, ' ')
  const instructions = [...lines.matchAll(/^([A-Z]+) +(.+)$/gm)].map(([, name = '', rest = '']) => ({
    name,
    text: rest.trim().replace(/ {2,}/g, ' '),
  }))
  const given = new Map<string, string>()
  const stages: { name: string; image: string; instructions: Instruction[] }[] = []
  for (const instruction of instructions) {
    const stage = stages.at(-1)
    if (instruction.name === 'FROM') {
      const [, image = '', name = ''] = /^(\S+) AS (\S+)$/.exec(instruction.text) ?? []
      stages.push({ name, image: image.replace(/\$\{(\w+)\}/g, (_, it) => given.get(it) ?? ''), instructions: [] })
    } else if (stage) stage.instructions.push(instruction)
    else if (instruction.name === 'ARG') {
      const at = instruction.text.indexOf('=')
      given.set(instruction.text.slice(0, at), instruction.text.slice(at + 1))
    } else throw new Error(`${instruction.name} before the first FROM`)
  }
  return stages
}

/** The last instruction of a name in a stage. */
export function last({ instructions }: Stage, name: string): string | undefined {
  return instructions.findLast((it) => it.name === name)?.text
}

/** The variables that a stage sets. */
export function variablesOf({ instructions }: Stage): Readonly<Record<string, string>> {
  const texts = instructions.filter(({ name }) => name === 'ENV').map(({ text }) => text)
  return Object.fromEntries(texts.flatMap((text) => text.split(' ')).map((pair) => pair.split('=') as [string, string]))
}

/** Where stages are built, and of what. */
export interface Build {
  /** The folder of the context, `.dockerignore` included. */
  readonly context: string
  /** Files of the context by their paths, before `.dockerignore`. */
  readonly files: readonly string[]
  /** A folder that gets the root of each stage, by its name. */
  readonly roots: string
}

/** Builds a stage. `RUN` gets our own environment: the registry is known there. */
export function buildStage({ name, instructions }: Stage, { context, files, roots }: Build): void {
  const root = join(roots, name)
  let folder = '/'
  const inside = (path: string) => join(root, posix.resolve(folder, path))
  mkdirSync(root, { recursive: true })
  for (const { name: kind, text } of instructions) {
    if (kind === 'WORKDIR') {
      folder = posix.resolve(folder, text)
      mkdirSync(inside('.'), { recursive: true })
    } else if (kind === 'RUN') run(text, inside('.'))
    else if (kind === 'COPY') copy(text, { context, files, roots }, inside)
  }
}

/** Runs a command as `RUN` does. Throws with all that it has printed. */
function run(text: string, cwd: string): void {
  const { status, stdout, stderr } = spawnSync('bash', ['-ceu', text], { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`RUN ${text}: exit code ${status}\n${stdout}${stderr}`)
}

function copy(text: string, { context, files, roots }: Build, inside: (path: string) => string): void {
  const words = text.split(' ')
  const flags = words.filter((word) => word.startsWith('--'))
  const [from = '', to = ''] = words.filter((word) => !word.startsWith('--'))
  const stage = flags.find((flag) => flag.startsWith('--from='))?.slice('--from='.length)
  if (stage !== undefined) {
    cpSync(join(roots, stage, from), inside(to), { recursive: true, verbatimSymlinks: true })
    const owner = flags.find((flag) => flag.startsWith('--chown='))?.slice('--chown='.length)
    const [uid, gid] = (owner ?? '').split(':').map(Number)
    // Only root gives files away; whoever else runs this owns them already.
    if (uid && gid && process.getuid?.() === 0) chownSync(inside(to), uid, gid)
    return
  }
  if (from !== '.') throw new Error(`COPY ${text}: only the whole context is copied here`)
  const passes = dockerignore(readFileSync(join(context, '.dockerignore'), 'utf8'))
  for (const file of files.filter(passes)) {
    if (!existsSync(join(context, file))) continue
    mkdirSync(dirname(inside(join(to, file))), { recursive: true })
    cpSync(join(context, file), inside(join(to, file)))
  }
}

/** Whether a path is part of the context: the last pattern that it, or a folder above it, matches decides. */
export function dockerignore(text: string): (path: string) => boolean {
  const patterns = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const rules = patterns.map((line) => {
    const included = line.startsWith('!')
    const glob = (included ? line.slice(1) : line)
      .replace(/[.+^$()|[\]{}]/g, '\\$&')
      .replace(/\*\*\/|\*/g, (mark) => (mark === '*' ? '[^/]*' : '(?:.*/)?'))
    return { included, pattern: new RegExp(`^${glob}(?:/|$)`) }
  })
  return (path) => rules.findLast(({ pattern }) => pattern.test(path))?.included ?? true
}

/** Paths of all files below a folder, links as themselves. */
export function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => {
    const file = join(folder, path)
    return lstatSync(file).isSymbolicLink() || statSync(file).isFile()
  })
}
