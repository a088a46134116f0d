import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { dataDir as emptyDatabase } from '@electric-sql/pglite-prepopulatedfs'
import { drizzle } from 'drizzle-orm/pglite'
import type { Connection } from './connection.ts'
import { claimDataFolder } from './data-folder.ts'
import { startUpkeep } from './upkeep.ts'

/** The value of `storage.data_dir` that keeps nothing. */
const inMemory = 'memory://'

/** As PostgreSQL keeps its own: PGlite makes files that everybody may write, and in them are hashes and user ids. */
const ownerOnly = 0o700

const startParams = [
  ...PGlite.defaultStartParams,
  // By default a gigabyte of old log would be kept for reuse.
  ...['-c', 'max_wal_size=128MB', '-c', 'min_wal_size=32MB'],
  // Nobody else hears of changes: they are neither numbered nor told.
  ...['-c', 'tokmesh.sender=embedded'],
]

/**
 * Opens PGlite, PostgreSQL inside this process, in `<dataDir>/pglite`; `memory://` keeps nothing.
 * Rejects with `DataFolderInUseError` while another process has the folder.
 *
 * PGlite writes its log of changes to the file before a commit returns, so an acknowledged write outlives the
 * process (`kill -9`). It does not flush the operating system's cache: a power cut may cost what the system had
 * not yet written. Who needs that takes PostgreSQL.
 */
export async function openEmbedded(dataDir: string): Promise<Connection> {
  if (dataDir === inMemory) return connect(await create(inMemory), () => {})
  const release = claimDataFolder(dataDir)
  try {
    return connect(await openFolder(dataDir), release)
  } catch (error) {
    release()
    throw error
  }
}

async function openFolder(dataDir: string): Promise<PGlite> {
  const folder = join(dataDir, 'pglite')
  const complete = join(dataDir, 'pglite.complete')
  // A process that was killed while it made the database left half of one, in which nothing was ever acknowledged.
  if (existsSync(complete)) {
    // Folders that older versions made are open to everybody.
    chmodSync(folder, ownerOnly)
    return PGlite.create(folder, { startParams })
  }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { mode: ownerOnly })
  const client = await create(folder)
  writeFileSync(complete, '')
  return client
}

/** A new database. It is unpacked, not made by initdb: that takes three times as long, or 4 s of processor time. */
async function create(folder: string): Promise<PGlite> {
  return PGlite.create(folder, { startParams, loadDataDir: await emptyDatabase() })
}

function connect(client: PGlite, release: () => void): Connection {
  const endUpkeep = startUpkeep(client)
  return {
    kind: 'embedded',
    db: drizzle(client),
    // It takes one at a time by itself.
    room: Number.POSITIVE_INFINITY,
    connections: () => ({ open: client.closed ? 0 : 1, max: 1 }),
    async end() {
      endUpkeep()
      try {
        await client.close()
      } finally {
        release()
      }
    },
  }
}
