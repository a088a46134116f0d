/** A service as a process of its own, with nothing of our environment. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runtime } from '@honoscope/testing'

/** A line of its log. */
export interface LogLine {
  readonly timestamp: string
  readonly level: string
  readonly logger: string
  readonly message: string
  readonly [field: string]: unknown
}

/** A process that was started. */
export interface Process {
  readonly stdout: () => string
  readonly stderr: () => string
  /** What it has written to standard output so far, line by line. Throws for a line that is no JSON. */
  readonly lines: () => readonly LogLine[]
  /** Its exit code; `null` after a signal. */
  kill(signal: NodeJS.Signals): Promise<number | null>
}

/** How a process is started. */
export interface ProcessOptions {
  /** The user and group that it runs as; only root can choose. Default: ours. */
  readonly uid?: number
}

const source = fileURLToPath(new URL('../../apps/tokmesh/src/server.ts', import.meta.url))
const built = fileURLToPath(new URL('../../apps/tokmesh/dist/server.js', import.meta.url))

/** Program and arguments of TokMesh in the runtime of the test: built under Node, from its source under Bun. */
export const tokmeshCommand: readonly string[] =
  runtime === 'node' ? [process.execPath, built] : [process.execPath, '--conditions=@honoscope/source', source]

/** Starts a command in a folder, with this environment and no other variable. */
export function startProcess(
  [program = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
  { uid }: ProcessOptions = {},
): Process {
  if (args.includes(built) && !existsSync(built)) throw new Error(`${built} is missing: run "npx tsc -b" first`)
  const user = uid === undefined ? {} : { uid, gid: uid }
  const child = spawn(program, args, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'], ...user })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  child.once('error', (error) => {
    err += error.message
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return {
    stdout: () => out,
    stderr: () => err,
    // The last piece may be half a line.
    lines: () =>
      out
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as LogLine),
    kill(signal) {
      child.kill(signal)
      return ended
    },
  }
}
