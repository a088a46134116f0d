import { runCli } from '../run.ts'

/** What the command line says, and ends with. */
export interface Spoken {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** What stands around a command. */
export interface Around {
  /** Where it is run. */
  readonly cwd: string
  /** Default: nothing. */
  readonly stdin?: string
  /** Default: false. */
  readonly color?: boolean
}

/** Runs `honoscope …` in this process. */
export async function spoken(args: readonly string[], { cwd, stdin = '', color = false }: Around): Promise<Spoken> {
  let out = ''
  let err = ''
  const io = {
    out(text: string) {
      out += text
    },
    err(text: string) {
      err += text
    },
    stdin: (async function* () {
      yield stdin
    })(),
    color,
    cwd,
  }
  return { code: await runCli(args, io), out, err }
}
