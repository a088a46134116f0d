/** The one place where the environment is read. */
import { type Complaint, type Key, type KeyValues, keys, variableOf } from './config/keys.ts'
import { parseDuration } from './config/parse.ts'

/** A bootstrap credential: the contract's section 6.3. The secret must not reach a log or a message. */
export interface BootstrapKey {
  readonly role: 'admin' | 'metrics'
  /** In lower case. */
  readonly keyId: string
  readonly secret: string
}

/** Everything that can be configured. Durations are milliseconds, sizes bytes. */
export interface Config extends KeyValues {
  /** `undefined`: the embedded database in `dataDir`. It may hold a password. */
  readonly databaseUrl: string | undefined
  /** Limit of the readiness check of the database. Default: 2 s. */
  readonly healthDbTimeoutMs: number
  readonly bootstrapKeys: readonly BootstrapKey[]
}

/** One thing wrong with the configuration, fit for a person and for a log: values that may be secret are masked. */
export interface ConfigProblem {
  readonly code: 'TM-CFG-1001' | 'TM-CFG-1002' | 'TM-CFG-1005'
  /** Name of the environment variable. */
  readonly field: string
  readonly value: string
  readonly cause: string
  readonly fix: string
}

/** What reading gave: a configuration that may be used only when there are no problems, and what was ignored. */
export interface ConfigReading {
  readonly config: Config
  readonly problems: readonly ConfigProblem[]
  /** Variables whose text is not of its type; they were ignored. */
  readonly warnings: readonly ConfigProblem[]
}

type Environment = Readonly<Record<string, string | undefined>>

const hidden = '***REDACTED***'
const bootstrapPattern = /^tmak-[0-7][0-9a-hjkmnp-tv-z]{25}$/
const secretPattern = /^tmas_[0-9A-Za-z]{40,48}$/

/** Reads the configuration out of `environment`. It never throws: the caller decides what problems lead to. */
export function readConfig(environment: Environment): ConfigReading {
  const problems: ConfigProblem[] = []
  const warnings: ConfigProblem[] = []
  const values = readKeys(environment, problems, warnings)
  problems.push(...contradictions(values))
  const config: Config = {
    ...values,
    databaseUrl: readDatabaseUrl(environment, problems),
    healthDbTimeoutMs: readTimeout(environment, warnings),
    bootstrapKeys: readBootstrapKeys(environment, problems),
  }
  return { config, problems, warnings }
}

function readKeys(environment: Environment, problems: ConfigProblem[], warnings: ConfigProblem[]): KeyValues {
  const read = (key: Key<unknown>): unknown => {
    const field = variableOf(key.path)
    const text = environment[field]?.trim()
    if (!text) return key.default
    const value = key.parse(text)
    if (value === undefined) {
      const problem = { field, value: text, cause: 'not understood, ignored', fix: `write it as ${key.type}` }
      warnings.push({ code: 'TM-CFG-1001', ...problem })
      return key.default
    }
    const complaint: Complaint | undefined = key.check(value)
    if (complaint) problems.push({ field, value: text, ...complaint })
    return complaint ? key.default : value
  }
  return Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, read(key as Key<unknown>)])) as KeyValues
}

function contradictions(values: KeyValues): readonly ConfigProblem[] {
  const found: ConfigProblem[] = []
  const smaller = (path: string, ms: number, limit: string, limitMs: number) => {
    if (ms <= limitMs) return
    const cause = `larger than ${limit} (${limitMs / 1000}s)`
    const fix = `lower it, or raise ${limit}`
    found.push({ code: 'TM-CFG-1002', field: variableOf(path), value: `${ms / 1000}s`, cause, fix })
  }
  smaller(keys.ttlDefaultMs.path, values.ttlDefaultMs, keys.ttlMaxMs.path, values.ttlMaxMs)
  smaller(keys.shutdownGraceMs.path, values.shutdownGraceMs, keys.shutdownTimeoutMs.path, values.shutdownTimeoutMs)
  return found
}

function readDatabaseUrl(environment: Environment, problems: ConfigProblem[]): string | undefined {
  const text = environment.DATABASE_URL?.trim()
  if (!text) return undefined
  if (/^postgres(?:ql)?:\/\/./.test(text) && URL.canParse(text)) return text
  const fix = 'write postgres://user:password@host:5432/database, or unset it for the embedded database'
  problems.push({ code: 'TM-CFG-1001', field: 'DATABASE_URL', value: hidden, cause: 'not a postgres:// URL', fix })
  return undefined
}

function readTimeout(environment: Environment, warnings: ConfigProblem[]): number {
  const defaultMs = 2000
  const field = 'HEALTH_CHECK_DB_TIMEOUT'
  const text = environment[field]?.trim()
  if (!text) return defaultMs
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0) return ms
  const problem = { field, value: text, cause: 'not understood, ignored', fix: 'write it as duration such as 5s' }
  warnings.push({ code: 'TM-CFG-1001', ...problem })
  return defaultMs
}

function readBootstrapKeys(environment: Environment, problems: ConfigProblem[]): readonly BootstrapKey[] {
  const found: BootstrapKey[] = []
  for (const role of ['admin', 'metrics'] as const) {
    const field = `TOKMESH_BOOTSTRAP_${role.toUpperCase()}_KEY`
    const text = environment[field]?.trim()
    if (!text) continue
    const at = text.indexOf(':')
    const [keyId, secret] = [text.slice(0, Math.max(at, 0)).toLowerCase(), text.slice(at + 1)]
    if (bootstrapPattern.test(keyId) && secretPattern.test(secret)) found.push({ role, keyId, secret })
    else {
      const fix = 'write <key_id>:<key_secret>, that is tmak-… and tmas_…'
      problems.push({ code: 'TM-CFG-1001', field, value: hidden, cause: 'not a credential', fix })
    }
  }
  if (found.length === 2 && found[0]?.keyId === found[1]?.keyId) {
    const field = 'TOKMESH_BOOTSTRAP_METRICS_KEY'
    const cause = 'the same key id as TOKMESH_BOOTSTRAP_ADMIN_KEY'
    problems.push({ code: 'TM-CFG-1005', field, value: hidden, cause, fix: 'give each key an id of its own' })
  }
  return found
}
