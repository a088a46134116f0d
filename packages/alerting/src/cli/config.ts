import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { bundles } from '../bundles/index.ts'
import type { MetricCatalogue } from '../catalogue/description.ts'
import { type DashboardOptions, dashboards } from '../dashboards/index.ts'
import type { RuleSet } from '../rules/define-rules.ts'
import { CliError } from './cli-error.ts'

/** What `honoscope.config.mjs` exports as its default: rules and dashboards of your own, beside those of this package. */
export interface HonoscopeConfig {
  /** Rule sets by name; one with the name of a bundle takes its place. */
  readonly rules?: Readonly<Record<string, RuleSet>>
  /** Dashboards by name; one with the name of a dashboard of this package takes its place. */
  readonly dashboards?: Readonly<Record<string, (options?: DashboardOptions) => Dashboard>>
  /** What your service exports: `check` takes what is missing of it for a fault. */
  readonly catalogue?: MetricCatalogue
}

/** Everything that there is to write and to check, by name. */
export interface Everything {
  readonly rules: Readonly<Record<string, RuleSet>>
  readonly dashboards: Readonly<Record<string, (options?: DashboardOptions) => Dashboard>>
  readonly catalogue: MetricCatalogue
}

const defaultFile = 'honoscope.config.mjs'

/**
 * Resolves to what this package has, with what the configuration adds. Without `file` there need be none.
 *
 * @throws CliError when the file can't be loaded, or exports something else.
 */
export async function loadEverything(file: string | undefined, cwd: string): Promise<Everything> {
  const own = await loadConfig(file, cwd)
  const ready = Object.fromEntries(Object.entries(bundles).map(([name, bundle]) => [name, bundle.rules]))
  return {
    rules: { ...ready, ...own.rules },
    dashboards: { ...dashboards, ...own.dashboards },
    catalogue: own.catalogue ?? {},
  }
}

async function loadConfig(file: string | undefined, cwd: string): Promise<HonoscopeConfig> {
  const path = resolve(cwd, file ?? defaultFile)
  const there = await access(path).then(
    () => true,
    () => false,
  )
  if (!there && file === undefined) return {}
  if (!there) throw new CliError('CONFIG', `--config: there is no file ${path}`)
  const { default: config } = await import(pathToFileURL(path).href).catch((cause: unknown) => {
    throw new CliError('CONFIG', `${path}: ${cause instanceof Error ? cause.message : 'it throws'}`, { cause })
  })
  return checked(config, path)
}

function checked(config: unknown, path: string): HonoscopeConfig {
  const fail = (reason: string): never => {
    throw new CliError('CONFIG', `${path}: ${reason}`)
  }
  if (typeof config !== 'object' || config === null) return fail('the default export is no object')
  const { rules = {}, dashboards: boards = {}, catalogue = {} } = config as HonoscopeConfig
  for (const [field, value] of Object.entries({ rules, dashboards: boards, catalogue })) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(`${field} is no object of names`)
  }
  for (const [name, set] of Object.entries(rules)) {
    if (!Array.isArray(set?.groups)) fail(`rules.${name} does not come from defineRules()`)
  }
  for (const [name, make] of Object.entries(boards)) {
    if (typeof make !== 'function') fail(`dashboards.${name} is no function that returns a dashboard`)
  }
  return { rules, dashboards: boards, catalogue }
}

/**
 * Returns those that are named, all of them when none is.
 *
 * @throws CliError that names what there is, for a name that there isn't.
 */
export function chosen<T>(what: string, all: Readonly<Record<string, T>>, names: readonly string[]): [string, T][] {
  if (names.length === 0) return Object.entries(all)
  return [...new Set(names)].map((name) => {
    const found = Object.hasOwn(all, name) ? all[name] : undefined
    if (found === undefined) {
      throw new CliError('USAGE', `there is no ${what} "${name}"; there are ${Object.keys(all).join(', ')}`)
    }
    return [name, found]
  })
}
