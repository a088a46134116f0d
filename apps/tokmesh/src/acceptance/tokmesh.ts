/** The command line as a process of its own, under the runtime of the test. */
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { runtime } from '@honoscope/testing'
import { cheapArgon2 } from './support.ts'

/** How a command ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const source = fileURLToPath(new URL('../cli.ts', import.meta.url))
const linked = fileURLToPath(new URL('../../bin/tokmesh.mjs', import.meta.url))

/** Runs `tokmesh …` with nothing but this environment; resolves whatever its exit code is. */
export function tokmesh(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  folder: string = tmpdir(),
): Promise<Ended> {
  const entry = runtime === 'node' ? [linked] : ['--conditions=@honoscope/source', source]
  const env = { PATH: process.env.PATH ?? '', ...cheapArgon2, ...environment }
  return new Promise((resolve) => {
    execFile(process.execPath, [...entry, ...args], { env, cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}
