import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PostgresServer, startPostgres } from '@honoscope/testing/postgres'
import { afterEach, describe, expect, it } from 'vitest'
import { hashToken } from '../domain/ids.ts'
import { spawnChild } from '../testing/spawn-child.ts'
import { openDatabase } from './database.ts'
import { migrations } from './migrations/index.ts'
import { createSessionStore } from './sessions.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'tokmesh-durable-'))
  cleanups.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Fails unless everything that the child was told is in the database; how many sessions that was. */
async function checkAcknowledged(lines: readonly string[], dataDir: string, url?: string): Promise<number> {
  const database = await openDatabase({ dataDir, url })
  try {
    const store = createSessionStore(database)
    let created = 0
    for (const line of lines) {
      const [what, id = '', detail = ''] = line.split(' ')
      if (what === 'migrated') continue
      const record = await store.find({ id })
      if (what === 'created') {
        created += 1
        expect(record?.tokenHash).toBe(hashToken(detail))
      } else if (what === 'renewed') {
        expect(record?.expiresAt).toBe(Number(detail))
      } else {
        expect(what).toBe('revoked')
        expect(record?.revokedAt).toBeGreaterThan(0)
      }
    }
    return created
  } finally {
    await database.close()
  }
}

const enough = (lines: readonly string[]) => lines.length > 150

describe('what was acknowledged survives', () => {
  it('kill -9 of the process with the embedded database, twice over; A08 its files hold no token', async () => {
    const dataDir = folder()
    const lines: string[] = []
    for (let round = 0; round < 2; round++) {
      const child = spawnChild('write', dataDir)
      await child.until(enough)
      await child.kill()
      lines.push(...child.lines)
      expect(await checkAcknowledged(lines, dataDir)).toBeGreaterThan(60)
    }
    const tokens = lines.filter((line) => line.startsWith('created')).map((line) => line.split(' ')[2] ?? '')
    const found = readAll(dataDir)
    expect(tokens.filter((token) => found.includes(token.slice(5)))).toEqual([])
    // The search does find what is there.
    expect(tokens.filter((token) => !found.includes(hashToken(token)))).toEqual([])
  }, 120_000)

  it('kill -9 of the process, and of the PostgreSQL server', async () => {
    const server: PostgresServer = await startPostgres()
    cleanups.push(() => server.stop())
    const first = spawnChild('write', 'memory://', server.url)
    await first.until(enough)
    await first.kill()
    expect(await checkAcknowledged(first.lines, 'memory://', server.url)).toBeGreaterThan(60)

    const second = spawnChild('write', 'memory://', server.url)
    await second.until(enough)
    await server.kill()
    await second.kill()
    await server.resume()
    const acknowledged = second.lines.filter((line) => !line.startsWith('failed'))
    expect(await checkAcknowledged(acknowledged, 'memory://', server.url)).toBeGreaterThan(60)
  }, 120_000)

  it('kill -9 while the embedded database is first made', async () => {
    const dataDir = folder()
    const child = spawnChild('open', dataDir)
    while (!readdirSync(dataDir).includes('pglite')) await new Promise((resolve) => setTimeout(resolve, 20))
    await new Promise((resolve) => setTimeout(resolve, 300))
    await child.kill()
    expect(child.lines).toEqual([])
    const again = spawnChild('open', dataDir)
    await again.ended()
    expect(again.lines).toEqual([`migrated ${migrations.map(({ name }) => name).join(',')}`])
  }, 120_000)
})

/** The bytes of every file of the folder. */
function readAll(path: string): Buffer {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Buffer.concat(files.map((file) => readFileSync(join(file.parentPath, file.name))))
}
