/** The data folder. */
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Config } from '../../config.ts'
import { holderOf } from '../../store/data-folder.ts'
import { type Finding, fail, pass, warn } from './check.ts'

const littleBytes = 1024 ** 3
const check = 'data folder'

/** Whether it can be written, how much room there is, and who has it. */
export async function dataFolder({ dataDir, databaseUrl }: Config): Promise<readonly Finding[]> {
  const embedded = databaseUrl === undefined
  if (dataDir === 'memory://') {
    if (!embedded) return [pass(check, 'memory://: a new node id at each start')]
    return [warn(check, 'memory://: nothing outlives the process', 'set storage.data_dir to a folder')]
  }
  const there = nearest(dataDir)
  if (!statSync(there).isDirectory()) return [fail(check, `${there} is not a folder`, 'set storage.data_dir')]
  try {
    accessSync(there, constants.W_OK | constants.X_OK)
  } catch {
    return [
      fail(check, `${there} cannot be written`, 'let the user that runs TokMesh write it, or set storage.data_dir'),
    ]
  }
  const holder = there === dataDir ? holderOf(dataDir) : undefined
  const { bavail, bsize } = await statfs(there)
  const free = bavail * bsize
  const room = `${(free / littleBytes).toFixed(1)} GB free`
  const state = holder ? `in use by process ${holder}` : there === dataDir ? 'not in use' : 'is made at the first start'
  const text = `${dataDir}, ${room}, ${state}`
  return [free < littleBytes && embedded ? warn(check, text, 'make room: the database needs it') : pass(check, text)]
}

/** The folder, or the nearest above it that there is. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder))
}
