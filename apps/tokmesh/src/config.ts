/** The one place where the configuration is read: flags, environment, file, defaults. */
import { contradictions, type Origins } from './config/contradictions.ts'
import { type Environment, readEnvironment, variable } from './config/environment.ts'
import { findFile } from './config/file.ts'
import { readFlags } from './config/flags.ts'
import { type Findings, type Given, type GivenValues, locate } from './config/given.ts'
import { type KeyName, type KeyValues, keyList } from './config/keys.ts'
import { type OutsideValues, outsideVariables, readOutside } from './config/outside.ts'
import type { ConfigProblem, ConfigWarning } from './config/problem.ts'
import { readYaml } from './config/yaml.ts'

export type { BootstrapKey } from './config/outside.ts'
export { type ConfigProblem, type ConfigWarning, describeProblem, describeWarning } from './config/problem.ts'

/** Everything that can be configured. Durations are milliseconds, sizes bytes, paths absolute. */
export interface Config extends KeyValues, OutsideValues {}

/** What reading gave: a configuration that may be used only when there are no problems, and what was ignored. */
export interface ConfigReading {
  readonly config: Config
  /** Where each value comes from. */
  readonly origins: Origins
  /** The file that was read, if there was one. */
  readonly file: string | undefined
  /** Names of the variables that say something, secret or not. */
  readonly variables: readonly string[]
  /** Names of the flags that say something. */
  readonly flags: readonly string[]
  readonly problems: readonly ConfigProblem[]
  readonly warnings: readonly ConfigWarning[]
}

/** What is read besides the environment. */
export interface ConfigSources {
  /** Arguments of the form `--section.key=value`. Default: none. */
  readonly flags?: readonly string[] | undefined
  /** The file named by `--config`. Default: that of the environment, else the first of the usual places. */
  readonly file?: string | undefined
  /** The working folder. Default: that of this process. */
  readonly folder?: string | undefined
}

/** Reads the configuration. It never throws: the caller decides what problems lead to. */
export function readConfig(environment: Environment, sources: ConfigSources = {}): ConfigReading {
  const { flags = [], file: named, folder = process.cwd() } = sources
  const findings: Findings = { problems: [], warnings: [] }
  const file = findFile({ environment, named, folder }, findings)
  const fromFile: GivenValues = file ? readYaml(file, findings) : new Map()
  const fromEnvironment = readEnvironment(environment, folder, findings)
  const fromFlags = readFlags(flags, folder, findings)
  const given = new Map([...fromFile, ...fromEnvironment, ...fromFlags])
  const { values, origins } = merge(given, folder)
  const config: Config = { ...values, ...readOutside(environment, findings) }
  const { problems, warnings } = findings
  const isIgnored = (name: string) => warnings.some(({ field }) => field === name)
  const outside = outsideVariables.filter((name) => variable(environment, name) && !isIgnored(name))
  const found = contradictions(config, origins).filter(({ field, key }) => !isFaulty(problems, key ?? field))
  return {
    ...{ config, origins, warnings, file: file?.path },
    variables: [...namesOf(fromEnvironment), ...outside],
    flags: namesOf(fromFlags),
    problems: [...problems, ...found],
  }
}

function merge(given: GivenValues, folder: string): { values: KeyValues; origins: Origins } {
  const all = keyList.map(([name, key]): [KeyName, Given] => {
    const value = key.isPath ? locate(String(key.default), folder) : key.default
    return [name, given.get(name) ?? { value, origin: { kind: 'default' } }]
  })
  return {
    values: Object.fromEntries(all.map(([name, { value }]) => [name, value])) as unknown as KeyValues,
    origins: Object.fromEntries(all.map(([name, { origin }]) => [name, origin])) as Origins,
  }
}

/** Whether a key has a problem already, so that its default stands in for it. */
const isFaulty = (problems: readonly ConfigProblem[], path: string) =>
  problems.some(({ field, key }) => (key ?? field) === path)

function namesOf(given: GivenValues): readonly string[] {
  return [...given.values()].flatMap(({ origin }) => ('name' in origin ? [origin.name] : []))
}
