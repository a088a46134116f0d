/**
 * A process that tests start and kill: `child.ts <job> <data folder> [database address]`. It prints one line for
 * each thing that has been acknowledged to it, and writes it out before it goes on.
 */
import { writeSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { createSessions } from '../domain/sessions.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { createSessionStore } from '../store/sessions.ts'

const say = (line: string) => void writeSync(1, `${line}\n`)

const limits = { ttlDefault: 7_200, ttlMax: 2_592_000, maxPerUser: 1_000_000, tombstoneTtlMs: 86_400_000 }
const caller = { keyId: 'tmak-01hv3q4k7d0000000000000000', ip: '192.0.2.7', userAgent: 'child' }

/** Creates sessions, renews every third and revokes every fourth, four at a time, until it is killed. */
async function write(database: Database): Promise<void> {
  const sessions = createSessions({ store: createSessionStore(database), limits })
  const writer = async (n: number) => {
    for (let i = 0; ; i++) {
      const { session, token } = await sessions.create({ userId: `user ${n}` }, caller)
      say(`created ${session.id} ${token}`)
      if (i % 3 === 0) say(`renewed ${session.id} ${(await sessions.renew(session.id, 60)).expiresAt}`)
      if (i % 4 === 0 && (await sessions.revoke(session.id))) say(`revoked ${session.id}`)
    }
  }
  await Promise.all([0, 1, 2, 3].map(writer))
}

/** Notes accesses of one session, leaves time for them to be stored, notes more, stores those too or not, and hangs. */
async function touch(database: Database, ending: 'touch' | 'flush'): Promise<void> {
  const store = createSessionStore(database)
  const sessions = createSessions({ store, limits })
  const { session, token } = await sessions.create({ userId: 'ada' }, caller)
  const validate = async () => {
    for (let i = 0; i < 50; i++) await sessions.validate(token, caller)
  }
  await validate()
  // Another store, which has nothing noted and remembers nothing yet.
  while ((await createSessionStore(database).find({ id: session.id }))?.version !== 51) await pause(20)
  await validate()
  if (ending === 'flush') await store.close()
  say(`touched ${session.id}`)
  await pause(60_000)
}

const [job, dataDir = 'memory://', url] = process.argv.slice(2)
try {
  const database = await openDatabase({ dataDir, url })
  say(`migrated ${(await migrate(database)).join(',')}`)
  if (job === 'write') await write(database)
  if (job === 'touch' || job === 'flush') await touch(database, job)
  if (job === 'hold') await pause(60_000)
  await database.close()
} catch (error) {
  say(`failed ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
