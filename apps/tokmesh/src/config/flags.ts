/** Keys out of the command line: `--section.key=value`, the leaf in kebab-case. */
import { type Findings, type GivenValues, mistyped, take } from './given.ts'
import { flagOf, keyList } from './keys.ts'
import type { Origin } from './problem.ts'
import { suggest } from './suggest.ts'

/** Whether an argument is a configuration flag: those have a dot in their name, and no other option has. */
export const isConfigFlag = (argument: string): boolean => /^--[^=.]+\.[^=]*/.test(argument)

/** What the flags give; of one that is repeated the last counts. Every one that can't be used is a problem. */
export function readFlags(flags: readonly string[], folder: string, findings: Findings): GivenValues {
  const given: GivenValues = new Map()
  const refuse = (field: string, value: string, cause: string, fix: string) =>
    findings.problems.push({ code: 'TM-CFG-1001', field, value, cause, fix })
  for (const flag of flags) {
    const [, name = '', text] = /^([^=]*)(?:=(.*))?$/s.exec(flag) ?? []
    const plain = name.slice(2).replaceAll('-', '_')
    const entry = keyList.find(([, { path }]) => path === plain)
    if (!entry) {
      const meant = suggest(
        plain,
        keyList.map(([, { path }]) => path),
      )
      // Without the value: it may be the secret of something that has no flag.
      const fix = meant ? `did you mean ${flagOf(meant)}?` : 'see "tokmesh start --help" for all flags'
      refuse(name, '…', 'no such flag', fix)
      continue
    }
    const origin: Origin = { kind: 'flag', name }
    const [, key] = entry
    if (text === undefined) refuse(name, '', 'a flag without a value', `write ${name}=<${key.form}>`)
    else if (!take(entry, text.trim(), origin, { given, findings, folder })) {
      findings.problems.push(mistyped(key, text, origin))
    }
  }
  return given
}
