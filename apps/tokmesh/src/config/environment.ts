/** Keys out of the environment: the contract's section 11.1. */
import { type Findings, type GivenValues, take, wrongIn } from './given.ts'
import { keyList, variableOf } from './keys.ts'
import { shown } from './problem.ts'
import { suggest } from './suggest.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Variables that are no keys: the contract's section 11.3. */
const others = ['TOKMESH_SERVER_CONFIG_FILE', 'TOKMESH_BOOTSTRAP_ADMIN_KEY', 'TOKMESH_BOOTSTRAP_METRICS_KEY']

/** The trimmed text of a variable. An empty one counts as not set: that is how many tools leave a variable out. */
export function variable(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined
}

/** What the variables give. One whose text is not of its type is ignored, with a warning. */
export function readEnvironment(environment: Environment, folder: string, findings: Findings): GivenValues {
  const given: GivenValues = new Map()
  for (const entry of keyList) {
    const [, key] = entry
    const name = variableOf(key.path)
    const text = variable(environment, name)
    if (text === undefined || take(entry, text, { kind: 'environment', name }, { given, findings, folder })) continue
    const wrong = wrongIn(key, text)
    const security = key.path.startsWith('security.')
    const cause = security
      ? `${wrong}not understood and ALL of it IGNORED, so what it was to restrict may be open`
      : `${wrong}not understood, ignored`
    const warning = { field: name, key: key.path, value: shown(name, text), cause, fix: `write ${key.form}` }
    findings.warnings.push({ ...warning, ...(security && { security }) })
  }
  warnOfSlips(environment, findings)
  return given
}

const prefix = 'TOKMESH_'

/** Names that are a slip away from a known one. Others may be anything, such as what Kubernetes sets for a service. */
function warnOfSlips(environment: Environment, findings: Findings): void {
  const known = [...keyList.map(([, { path }]) => variableOf(path)), ...others]
  const rests = known.map((name) => name.slice(prefix.length))
  for (const field of Object.keys(environment)) {
    if (!field.startsWith(prefix) || known.includes(field)) continue
    const meant = suggest(field.slice(prefix.length), rests)
    if (meant)
      findings.warnings.push({ field, cause: 'no such variable, ignored', fix: `did you mean ${prefix}${meant}?` })
  }
}
