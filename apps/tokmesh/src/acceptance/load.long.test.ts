import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runtime, samplesOf } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import { afterAll, describe, expect, it } from 'vitest'
import { type Child, startChild } from './child.ts'
import { adminKey, databases, metricsKey, pause } from './support.ts'

const seconds = 5
const clients = 16

const cleanups: (() => Promise<unknown> | unknown)[] = []
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

/** One second of load. */
interface Second {
  requests: number
  readonly durationsMs: number[]
}

/** Drives the service with writes and validations, one to four, and returns what each second had. */
async function drive({ call }: Child): Promise<readonly Second[]> {
  const record: Second[] = Array.from({ length: seconds + 1 }, () => ({ requests: 0, durationsMs: [] }))
  const startedAt = performance.now()
  const elapsed = () => (performance.now() - startedAt) / 1000
  const send = async (path: string, body: object, status: number) => {
    const began = performance.now()
    const answer = await call('POST', path, { key: adminKey, body })
    expect({ path, status: answer.status, code: answer.code }).toEqual({ path, status, code: 'OK' })
    const second = record[Math.floor(elapsed())]
    if (!second) return answer
    second.requests += 1
    second.durationsMs.push(performance.now() - began)
    return answer
  }
  const client = async (lane: number) => {
    for (let turn = 0; elapsed() < seconds; turn++) {
      const { data } = await send('/sessions', { user_id: `load-${lane}-${turn}`, ttl_seconds: 3600 }, 201)
      for (let check = 0; check < 4; check++)
        await send('/tokens/validate', { token: data.token, touch: check === 3 }, 200)
      await send(`/sessions/${data.session_id}/revoke`, {}, 200)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, lane) => client(lane)))
  return record.slice(0, seconds)
}

const sum = (part: readonly Second[]) => part.reduce((total, { requests }) => total + requests, 0)

describe.each(databases)('a mixed load on %s', (kind) => {
  // What the rate is, the machine decides: A60's 10,000/s and A61's 10 ms are for a server, so they are printed.
  it('A62 in small: every answer is right, the memory stays, and the rate of A60 and the P99 of A61 are printed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokmesh-load-'))
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
    const database = kind === 'postgres' ? await testDatabase() : undefined
    if (database) cleanups.push(() => database.drop())
    const child = await startChild({
      TOKMESH_STORAGE_DATA_DIR: folder,
      TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
      TOKMESH_BOOTSTRAP_METRICS_KEY: metricsKey,
      TOKMESH_TELEMETRY_LOGGING_LEVEL: 'warn',
      ...(database && { DATABASE_URL: database.url }),
    })
    cleanups.push(() => child.process.kill('SIGKILL'))
    await child.ready()
    const fast = await child.call('POST', '/admin/v1/keys', {
      key: adminKey,
      body: { role: 'issuer', rate_limit: 1_000_000 },
    })
    const key = `${fast.data.key_id}:${fast.data.key_secret}`
    const call: Child['call'] = (method, path, options) => child.call(method, path, { ...options, key })
    const memory = async () => {
      await pause(1000)
      const { text } = await child.call('GET', '/metrics', { key: metricsKey })
      return samplesOf(text).find(({ name }) => name === 'tokmesh_mem_usage_bytes')?.value ?? 0
    }

    // The first rounds fill caches and pools.
    for (let round = 0; round < 2; round++) await drive({ ...child, call })
    const before = await memory()
    const record = await drive({ ...child, call })
    await drive({ ...child, call })
    const after = await memory()

    const durations = record.flatMap(({ durationsMs }) => durationsMs).sort((one, other) => one - other)
    const p99 = durations[Math.floor(durations.length * 0.99)] ?? 0
    const megabytes = [before, after].map((bytes) => Math.round(bytes / 1024 ** 2))
    const rate = Math.round(sum(record) / seconds)
    process.stdout.write(`${runtime} on ${kind}: ${rate}/s, P99 ${p99.toFixed(1)} ms, ${megabytes.join(' → ')} MB\n`)
    expect(after - before).toBeLessThan(0.25 * before)
    await child.kill('SIGTERM')
  }, 300_000)
})
