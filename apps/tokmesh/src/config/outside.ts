/** Variables outside the key list: the contract's section 11.3. */

import { serversFault } from '../database-servers.ts'
import { keyIdPattern, lowerCase } from '../domain/ids.ts'
import { type Environment, variable } from './environment.ts'
import type { Findings } from './given.ts'
import { parseDuration } from './parse.ts'
import { hidden, shown } from './problem.ts'

/** A bootstrap credential: the contract's section 6.3. The secret must not reach a log or a message. */
export interface BootstrapKey {
  readonly role: 'admin' | 'metrics'
  /** In lower case. */
  readonly keyId: string
  readonly secret: string
}

/** Their names. */
export const outsideVariables = [
  'DATABASE_URL',
  'DATABASE_REPLICA_URLS',
  'TOKMESH_BOOTSTRAP_ADMIN_KEY',
  'TOKMESH_BOOTSTRAP_METRICS_KEY',
  'HEALTH_CHECK_DB_TIMEOUT',
  'HEALTH_CHECK_AI_TIMEOUT',
] as const

/** What they give. */
export interface OutsideValues {
  /** `undefined`: the embedded database in `dataDir`. It may name several servers, and hold a password. */
  readonly databaseUrl: string | undefined
  /** Standbys of that database, which searches may read. They may hold passwords. Default: none. */
  readonly databaseReplicaUrls: readonly string[]
  /** Limit of the readiness check of the database. Default: 2 s. */
  readonly healthDbTimeoutMs: number
  readonly bootstrapKeys: readonly BootstrapKey[]
  /** The `OTEL_*` variables, as they are: they settle what `telemetry.tracing` leaves open. Headers may be secret. */
  readonly openTelemetry: Environment
}

/** Reads them all. */
export function readOutside(environment: Environment, findings: Findings): OutsideValues {
  // TokMesh asks no AI service, so this one is only looked at.
  readTimeout(environment, 'HEALTH_CHECK_AI_TIMEOUT', findings)
  return {
    databaseUrl: readDatabaseUrl(environment, findings),
    databaseReplicaUrls: readReplicaUrls(environment, findings),
    healthDbTimeoutMs: readTimeout(environment, 'HEALTH_CHECK_DB_TIMEOUT', findings) ?? 2000,
    bootstrapKeys: readBootstrapKeys(environment, findings),
    openTelemetry: Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('OTEL_'))),
  }
}

const example = 'postgres://user:password@host:5432/database'

function readDatabaseUrl(environment: Environment, { problems }: Findings): string | undefined {
  const field = 'DATABASE_URL'
  const text = variable(environment, field)
  if (text === undefined) return undefined
  const cause = serversFault(text)
  if (cause === undefined) return text
  const fix = `write ${example}, with host:port,host:port for several servers, or unset it for the embedded database`
  problems.push({ code: 'TM-CFG-1001', field, value: hidden, cause, fix })
  return undefined
}

function readReplicaUrls(environment: Environment, { problems }: Findings): readonly string[] {
  const field = 'DATABASE_REPLICA_URLS'
  const given = (variable(environment, field) ?? '').split(',').map((url) => url.trim())
  const urls = given.filter((url) => url !== '')
  urls.forEach((url, i) => {
    const fault = serversFault(url)
    if (fault === undefined) return
    const cause = `address ${i + 1} of ${urls.length}: ${fault}`
    const fix = `write ${example}, with commas between addresses (in a password: %2C)`
    problems.push({ code: 'TM-CFG-1001', field, value: hidden, cause, fix })
  })
  if (urls.length > 0 && variable(environment, 'DATABASE_URL') === undefined) {
    const cause = 'there is no DATABASE_URL of whose database they were copies'
    problems.push({ code: 'TM-CFG-1006', field, value: hidden, cause, fix: 'set DATABASE_URL to that of the primary' })
  }
  return urls
}

function readTimeout(environment: Environment, field: string, { warnings }: Findings): number | undefined {
  const text = variable(environment, field)
  if (text === undefined) return undefined
  const ms = parseDuration(text)
  if (ms !== undefined && ms > 0) return ms
  const [value, cause] = [shown(field, text), 'not understood, ignored']
  warnings.push({ field, value, cause, fix: 'write a duration such as 5s' })
  return undefined
}

const secretPattern = /^tmas_[0-9A-Za-z]{40,48}$/

function readBootstrapKeys(environment: Environment, { problems }: Findings): readonly BootstrapKey[] {
  const found: BootstrapKey[] = []
  for (const role of ['admin', 'metrics'] as const) {
    const field = `TOKMESH_BOOTSTRAP_${role.toUpperCase()}_KEY`
    const text = variable(environment, field)
    if (text === undefined) continue
    const at = text.indexOf(':')
    const [keyId, secret] = [lowerCase(text.slice(0, Math.max(at, 0))), text.slice(at + 1)]
    if (keyIdPattern.test(keyId) && secretPattern.test(secret)) found.push({ role, keyId, secret })
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
