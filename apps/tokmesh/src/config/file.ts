/** Which configuration file counts, and its text: the contract's section 11.1. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Environment, variable } from './environment.ts'
import type { Findings } from './given.ts'
import { type ConfigCode, shown } from './problem.ts'

/** A file that was found. */
export interface ConfigFile {
  /** Absolute. */
  readonly path: string
  readonly text: string
}

export interface FileChoice {
  readonly environment: Environment
  /** That of `--config`. */
  readonly named?: string | undefined
  /** The working folder. */
  readonly folder: string
  /** Default: that of this process. */
  readonly platform?: NodeJS.Platform | undefined
}

/** Where a file is looked for when none is named, in this order. */
export function searchPath({ environment, folder, platform = process.platform }: FileChoice): readonly string[] {
  const system = platform === 'win32' ? (environment.ProgramData ?? 'C:\\ProgramData') : '/etc'
  const home = environment.HOME ? join(environment.HOME, '.config') : undefined
  const user = environment.XDG_CONFIG_HOME || home
  const inFolder = (parent: string) => join(parent, 'tokmesh-server', 'config.yaml')
  return [inFolder(system), join(folder, 'config.yaml'), ...(user ? [inFolder(user)] : [])]
}

/** The file that was named, else the first that there is. One that is named and missing, or can't be read, is a problem. */
export function findFile(choice: FileChoice, findings: Findings): ConfigFile | undefined {
  const name = 'TOKMESH_SERVER_CONFIG_FILE'
  const fromEnvironment = variable(choice.environment, name)
  const [field, named] = choice.named === undefined ? [name, fromEnvironment] : ['--config', choice.named]
  const candidates = named === undefined ? searchPath(choice) : [resolve(choice.folder, named)]
  const refuse = (code: ConfigCode, path: string, cause: string, fix: string) => {
    findings.problems.push({
      code,
      field: named === undefined ? 'configuration file' : field,
      value: shown('', path),
      cause,
      fix,
    })
    return undefined
  }
  for (const path of candidates) {
    try {
      return { path, text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)) }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      const missing = ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(code)
      if (missing && named === undefined) continue
      if (code === 'EISDIR') return refuse('TM-CFG-1003', path, 'it is a folder, not a file', `correct ${field}`)
      if (missing) return refuse('TM-CFG-1003', path, 'there is no such file', `correct ${field}, or make the file`)
      if (error instanceof TypeError) return refuse('TM-CFG-1001', path, 'not UTF-8 text', 'save it as UTF-8')
      const fix = 'let the user that runs TokMesh read it'
      return refuse('TM-CFG-1004', path, `the file cannot be read (${shown('', code)})`, fix)
    }
  }
  return undefined
}
