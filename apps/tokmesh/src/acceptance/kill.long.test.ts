import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestDatabase, testDatabase } from '@honoscope/testing/postgres'
import { afterAll, describe, expect, it } from 'vitest'
import { type Child, startChild } from './child.ts'
import { adminKey, databases, metricsKey, pause } from './support.ts'

// A round is mostly the start of a process: `.ci/run` takes five, to stay within its time.
const rounds = Number(process.env.KILL_ROUNDS ?? 20)
const creates = 200

const cleanups: (() => Promise<unknown> | unknown)[] = []
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

const create = (child: Child, user: string) =>
  child.call('POST', '/sessions', { key: adminKey, body: { user_id: user, ttl_seconds: 3600 } })

/** Creates until 200 are acknowledged, and goes on until the process is gone: some are cut in the middle. */
async function createAndKill(child: Child, round: number): Promise<string[]> {
  const tokens: string[] = []
  let killed: Promise<unknown> | undefined
  const worker = async (lane: number) => {
    for (;;) {
      const answer = await create(child, `user-${round}-${lane}`).catch(() => undefined)
      if (!answer) return
      expect(answer.status).toBe(201)
      tokens.push(answer.data.token)
      if (tokens.length >= creates) killed ??= child.kill('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, lane) => worker(lane)))
  await killed
  return tokens
}

async function countValid(child: Child, tokens: readonly string[]): Promise<number> {
  const left = [...tokens]
  let valid = 0
  const worker = async () => {
    for (let token = left.pop(); token !== undefined; token = left.pop()) {
      const { code, data } = await child.call('POST', '/tokens/validate', { key: adminKey, body: { token } })
      if (data?.valid === true) valid += 1
      // Above the rate of the key: nothing is said of the token.
      if (code === 'TM-SYS-4290') {
        left.push(token)
        await pause(200)
      }
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return valid
}

describe.each(databases)('kill -9 on %s', (kind) => {
  it(`loses nothing of ${creates} acknowledged creates, ${rounds} times over`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokmesh-kill-'))
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
    const database: TestDatabase | undefined = kind === 'postgres' ? await testDatabase() : undefined
    if (database) cleanups.push(() => database.drop())
    const environment = {
      TOKMESH_STORAGE_DATA_DIR: folder,
      TOKMESH_SESSION_QUOTA_MAX_PER_USER: '10000',
      TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
      TOKMESH_BOOTSTRAP_METRICS_KEY: metricsKey,
      ...(database && { DATABASE_URL: database.url }),
    }
    const acknowledged: string[] = []
    let last: readonly string[] = []
    for (let round = 0; round < rounds; round++) {
      const child = await startChild(environment)
      cleanups.push(() => child.process.kill('SIGKILL'))
      await child.ready()
      expect({ round, valid: await countValid(child, last) }).toEqual({ round, valid: last.length })
      last = await createAndKill(child, round)
      expect(last.length).toBeGreaterThanOrEqual(creates)
      acknowledged.push(...last)
    }
    const child = await startChild(environment)
    cleanups.push(() => child.process.kill('SIGKILL'))
    await child.ready()
    expect(await countValid(child, acknowledged)).toBe(acknowledged.length)
    await child.kill('SIGTERM')
  }, 600_000)
})
