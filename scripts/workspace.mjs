// What the other scripts share: where things are, running a command, installing and building. Node only, no dependency,
// since it runs before anything is installed.
import { spawn } from 'node:child_process'
import { existsSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Path of an executable that npm has installed. */
export const tool = (name) => join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name)

/**
 * Runs a command to its end and resolves to its exit code; a signal counts as 1, a command that can't be started too.
 * `capture` collects what it prints, to `text`, and `echo: false` shows none of it.
 */
export function run(command, args, { cwd = root, env = process.env, capture = false, echo = true } = {}) {
  return new Promise((resolve) => {
    const stdio = capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit']
    const child = spawn(command, args, { cwd, env, stdio })
    let text = ''
    const collect = (stream) => (chunk) => {
      text += chunk
      if (echo) stream.write(chunk)
    }
    child.stdout?.on('data', collect(process.stdout))
    child.stderr?.on('data', collect(process.stderr))
    child.once('error', (error) => resolve({ code: 1, text: `${text}${command}: ${error.message}` }))
    child.once('close', (code) => resolve({ code: code ?? 1, text }))
  })
}

/**
 * Installs the dependencies when there are none or the lock file is newer. Throws when that fails.
 *
 * Where there is Bun and no Node, Bun runs this script too, and installs; it keeps no record that could be compared.
 */
export async function install() {
  const lock = join(root, 'package-lock.json')
  const installed = join(root, 'node_modules', process.versions.bun ? '' : '.package-lock.json')
  if (existsSync(installed) && (process.versions.bun || statSync(installed).mtimeMs >= statSync(lock).mtimeMs)) return
  console.error('Installing dependencies, once: this takes a minute …')
  const { code, text } = await run(...installer, { capture: true, echo: false })
  if (code !== 0) throw new Error(`${installer.flat().join(' ')} failed with exit code ${code}:\n${text}`)
  const now = new Date()
  utimesSync(installed, now, now)
}

// --no-save: an install by a script must not touch package.json or the lock file.
const installer = process.versions.bun
  ? [process.execPath, ['install', '--no-save', '--silent']]
  : ['npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', '--progress=false']]

/** Compiles what has changed and resolves to the compiler's exit code. Its errors are printed. */
export async function build() {
  if (!existsSync(join(root, 'packages', 'core', 'dist', 'index.js'))) console.error('Building …')
  return (await run(tool('tsc'), ['-b'])).code
}

/** Ends the process with 1 and one sentence when a script fails in a way that it has foreseen. */
export function fail(error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
