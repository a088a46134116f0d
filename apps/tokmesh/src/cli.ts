/** `tokmesh keys create`: the contract's section 6.3. It works straight on the database, with no server between. */
import { parseArgs } from 'node:util'
import { createApiKeys } from '@honoscope/api-key'
import { describeProblem, readConfig } from './config.ts'
import { type Role, roles } from './routes/deps.ts'
import { openDatabase } from './store/database.ts'
import { createKeyStore } from './store/keys.ts'
import { migrate } from './store/migrate.ts'

const usage = `usage: tokmesh keys create --role <${roles.join('|')}> [--description <text>]`

await run(process.argv.slice(2)).then(
  (credential) => process.stdout.write(`${credential}\n`),
  (error: unknown) => {
    process.stderr.write(`tokmesh: ${error instanceof Error ? error.message : 'unknown fault'}\n`)
    process.exitCode = 1
  },
)

async function run(args: readonly string[]): Promise<string> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { role: { type: 'string' }, description: { type: 'string', default: '' } },
  })
  if (positionals.join(' ') !== 'keys create') throw new Error(usage)
  const role = roles.find((one) => one === values.role)
  if (role === undefined) throw new Error(`--role has to be one of ${roles.join(', ')}\n${usage}`)
  return createKey(role, values.description)
}

async function createKey(role: Role, description: string): Promise<string> {
  const { config, problems } = readConfig(process.env)
  const [problem] = problems
  if (problem) throw new Error(describeProblem(problem))
  const { databaseUrl: url, dataDir } = config
  const database = await openDatabase({ url, dataDir })
  try {
    await migrate(database)
    const argon2 = {
      memoryKiB: config.argon2MemoryKib,
      iterations: config.argon2Iterations,
      parallelism: config.argon2Parallelism,
    }
    const keys = createApiKeys({ store: createKeyStore(database), roles, argon2 })
    const { record, secret } = await keys.create({ role, description, createdBy: 'system' })
    await keys.close()
    return `${record.id}:${secret}`
  } finally {
    await database.close()
  }
}
