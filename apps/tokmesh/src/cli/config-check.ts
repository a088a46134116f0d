/** `tokmesh config check`. */

import { redact } from '@honoscope/logging'
import { tlsProblems } from '../config/tls-files.ts'
import { describeProblem, describeWarning, readConfig } from '../config.ts'
import type { CommonOptions } from './perform.ts'

/** Lists every problem and warning. Exit code 1 when there is a problem. */
export function checkConfig(flags: readonly string[], options: CommonOptions): void {
  const reading = readConfig(process.env, { flags, file: options.config })
  const problems = [...reading.problems, ...tlsProblems(reading)]
  const { warnings, file, variables } = reading
  const ok = problems.length === 0
  if (!ok) process.exitCode = 1
  const sources = { file: file ?? null, environment: variables, flags: reading.flags }
  if (options.json) {
    process.stdout.write(`${redact(JSON.stringify({ ok, sources, problems, warnings }))}\n`)
    return
  }
  for (const warning of warnings) process.stderr.write(`warning: ${describeWarning(warning)}\n`)
  for (const problem of problems) process.stderr.write(`error: ${describeProblem(problem)}\n`)
  if (!ok) process.stderr.write(`tokmesh: the configuration has ${count(problems.length, 'problem')}\n`)
  else
    process.stdout.write(
      `ok: ${redact(file ?? 'no file')}, ${count(variables.length, 'variable')}, ${count(reading.flags.length, 'flag')}\n`,
    )
}

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`
