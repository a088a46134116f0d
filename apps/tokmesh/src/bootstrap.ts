/** The first keys: the contract's section 6.3. */
import { systemEntry } from './audit/entry.ts'
import type { BootstrapKey } from './config.ts'
import type { AuditEntry } from './domain/audit.ts'
import type { Log } from './log.ts'
import type { Role } from './routes/deps.ts'

/** A key that is not kept yet. */
interface FirstKey {
  readonly credential: string
  readonly role: Role
}

/** What is used of the API keys. */
export interface FirstKeys {
  /** Keeps these if there is no key at all; of several nodes that try at once one gets true. */
  importFirst(keys: readonly FirstKey[]): Promise<boolean>
  newCredential(): string
}

export interface BootstrapOptions {
  readonly keys: FirstKeys
  /** Number of keys that there are. */
  readonly count: () => Promise<number>
  /** From the environment; they count only while there is no key. */
  readonly configured: readonly BootstrapKey[]
  /** Whether the database is the embedded one, whose operator has no other way to a key. */
  readonly embedded: boolean
  /** Takes the entry about each key that is made. */
  readonly audit: (entry: AuditEntry) => void
  readonly log: Log
  /** Shows a line to the operator, plainly. Not the log: it holds a secret. */
  readonly print: (line: string) => void
}

/** Makes sure that somebody can use the service, where that can be done without asking. */
export async function bootstrap(options: BootstrapOptions): Promise<void> {
  const { keys, configured, embedded, log, print } = options
  if ((await options.count()) > 0) {
    const message = 'the bootstrap keys of the environment are not looked at: there are keys already'
    if (configured.length > 0) log('info', 'tokmesh.bootstrap', message)
    return
  }
  if (configured.length > 0) {
    const imported = configured.map(({ role, keyId, secret }) => ({ role, credential: `${keyId}:${secret}` }))
    if (await importFirst(options, imported)) log('info', 'tokmesh.bootstrap', 'bootstrap keys imported')
    return
  }
  if (!embedded) {
    const message = 'there is no API key yet; make one with: npx tokmesh keys create --role admin'
    return log('warn', 'tokmesh.bootstrap', message)
  }
  const made = (['admin', 'metrics'] as const).map((role) => ({ role, credential: keys.newCredential() }))
  if (!(await importFirst(options, made))) return
  for (const { role, credential } of made) print(`bootstrap ${role} key: ${credential}`)
}

/** What such a key has beside its role. */
const plain = { description: '', allowedlist: [], rate_limit: 1000, expires_at: 0 }

async function importFirst({ keys, audit }: BootstrapOptions, imported: readonly FirstKey[]) {
  if (!(await keys.importFirst(imported))) return false
  for (const { credential, role } of imported) {
    const resource = `key:${credential.slice(0, credential.indexOf(':'))}`
    audit(systemEntry('KEY_CREATED', resource, { role, ...plain }))
  }
  return true
}
