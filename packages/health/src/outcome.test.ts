import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type CheckFunction, type CheckResult, createHealth, HealthError } from './index.ts'

const secret = 'hunter2-s3cr3t'
const url = `postgres://admin:${secret}@db.internal:5432/app`

async function resultOf(check: CheckFunction): Promise<CheckResult> {
  const { checks } = await createHealth({ ready: { it: check } }).check('ready')
  const result = checks.it
  if (!result) throw new Error('the check is missing from the report')
  return result
}

/** The whole of what both probes would tell the world about a check. */
async function publicTextOf(check: CheckFunction): Promise<string> {
  const app = createHealth({ ready: { it: check }, startup: { it: check } }).routes()
  return (await (await app.request('/health/ready')).text()) + (await (await app.request('/health/startup')).text())
}

describe('what passes', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['true', true],
    ['a list of rows', [{ '?column?': 1 }]],
    ['a word', 'PONG'],
    ['0', 0],
    ['null', null],
    ['a Response that is ok', new Response('up')],
  ])('%s', async (_, value) => {
    expect(await resultOf(() => value)).toEqual({ status: 'pass', latencyMs: expect.any(Number) })
    expect((await resultOf(async () => value)).status).toBe('pass')
  })

  it('a lazy query that runs only when it is awaited', async () => {
    let ran = false
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: this is what Drizzle's and postgres.js's queries are.
      then: (resolve: (rows: unknown[]) => void) => {
        ran = true
        resolve([])
      },
    }
    expect((await resultOf(() => query)).status).toBe('pass')
    expect(ran).toBe(true)
  })

  it('an object literal, with its message and its scalar fields', async () => {
    const connection = { url }
    const result = await resultOf(() => ({ message: 'leader', port: 1, is_leader: true, rows: [url], connection }))
    expect(result).toMatchObject({ status: 'pass', message: 'leader', details: { port: 1, is_leader: true } })
    expect(Object.keys(result.details ?? {})).toEqual(['port', 'is_leader'])
  })

  it('fields can’t replace what the probe says itself', async () => {
    const text = await publicTextOf(() => ({ status: 'fail', latency_ms: 'none' }))
    expect(text).not.toContain('"fail"')
    expect(text).not.toContain('none')
  })
})

describe('what fails', () => {
  it.each<[string, CheckFunction]>([
    ['false', () => false],
    ['a promised false', async () => false],
    [
      'a throw',
      () => {
        throw new Error(url)
      },
    ],
    ['a rejection', () => Promise.reject(new Error(url))],
    [
      'a thrown string',
      () => {
        throw url
      },
    ],
    [
      'a thrown undefined',
      () => {
        throw undefined
      },
    ],
    ['a rejected null', () => Promise.reject(null)],
    [
      'a frozen object',
      () => {
        throw Object.freeze({ url })
      },
    ],
    [
      'an error with a code that is a secret',
      () => {
        throw Object.assign(new Error(url), { code: url })
      },
    ],
    [
      'an error whose cause is itself',
      () => {
        const error = new Error(url)
        error.cause = error
        throw error
      },
    ],
    [
      'an error with a getter that throws',
      () => {
        throw Object.defineProperty(new Error(url), 'code', {
          get: () => {
            throw new Error(url)
          },
        })
      },
    ],
  ])('%s, in a fixed text without its message', async (_, check) => {
    expect(await resultOf(check)).toEqual({ status: 'fail', latencyMs: expect.any(Number), message: 'failed' })
    const text = await publicTextOf(check)
    expect(text).toContain('"fail"')
    expect(text).not.toContain(secret)
    expect(text).not.toContain('db.internal')
  })

  it('a real refused connection, by its code', async () => {
    const check: CheckFunction = () =>
      new Promise((_, reject) => connect({ port: 1, host: '127.0.0.1' }).once('error', reject))
    expect(await resultOf(check)).toMatchObject({ status: 'fail', message: 'failed: ECONNREFUSED' })
  })

  it('a fault of the database under an ORM’s error, by its SQLSTATE and without its parameters', async () => {
    const cause = Object.assign(new Error(`password authentication failed for ${url}`), { code: '28P01' })
    const check: CheckFunction = () => Promise.reject(new Error(`Failed query: select 1 params: ${secret}`, { cause }))
    expect(await resultOf(check)).toMatchObject({ status: 'fail', message: 'failed: 28P01' })
    expect(await publicTextOf(check)).not.toContain(secret)
  })

  it('a Response that is not ok', async () => {
    const check: CheckFunction = () => new Response(url, { status: 503 })
    expect(await resultOf(check)).toMatchObject({ status: 'fail', message: 'answered 503' })
  })

  it('a HealthError, in its own words but without its cause', async () => {
    const error = new HealthError('replica is 12 s behind', { cause: new Error(url), details: { lag_s: 12 } })
    expect(error).toMatchObject({ name: 'HealthError', code: 'HEALTH_CHECK_FAILED', cause: { message: url } })
    const check: CheckFunction = () => Promise.reject(error)
    expect(await resultOf(check)).toMatchObject({
      status: 'fail',
      message: 'replica is 12 s behind',
      details: { lag_s: 12 },
    })
    expect(await publicTextOf(check)).not.toContain(secret)
  })
})
