/** What is told of a data folder that could not be opened. */
import type { ConfigReading } from '../config.ts'
import { keys } from './keys.ts'
import { describeProblem, placeOf, shown } from './problem.ts'

/**
 * The sentence of an error that says that another process has the folder, or that nobody can use it; `undefined` for
 * any other. `instead` is what one may do where another process has it.
 */
export function dataFolderFault(
  error: unknown,
  { config, origins }: Pick<ConfigReading, 'config' | 'origins'>,
  instead: string,
): string | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined
  if (error.code === 'DATA_FOLDER_IN_USE') return `${error.message}; stop that process first, or ${instead}`
  if (error.code !== 'DATA_FOLDER_UNUSABLE') return undefined
  const { path } = keys.dataDir
  const { cause } = error
  const reason = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : ''
  return describeProblem({
    ...{ code: 'TM-CFG-1004', ...placeOf(origins.dataDir, path), value: shown(path, config.dataDir) },
    cause: `the folder cannot be made, read or written${reason}`,
    fix: `let the user that runs TokMesh write it, or set ${path} to another folder`,
  })
}
