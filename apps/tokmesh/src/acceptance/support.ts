/** What the acceptance tests share: a whole service on a real port, and a client that checks what holds for every answer. */
import { testDatabase } from '@honoscope/testing/postgres'
import { sql } from 'drizzle-orm'
import { expect } from 'vitest'
import { readConfig } from '../config.ts'
import { httpStatusOf } from '../domain/errors.ts'
import { refuseUnread } from '../http/refusal.ts'
import { listen } from '../listener.ts'
import { createLog } from '../log.ts'
import { createService, type Service } from '../service.ts'
import { expectDeclared } from './declared.ts'

export const databases = ['embedded', 'postgres'] as const
export type DatabaseKind = (typeof databases)[number]

export const adminKey = 'tmak-01hzzzzzzzzzzzzzzzzzzzzzza:tmas_0000000000000000000000000000000000000000Adm'
export const metricsKey = 'tmak-01hzzzzzzzzzzzzzzzzzzzzzzm:tmas_0000000000000000000000000000000000000000Met'

/** Environment of the tests that are not about Argon2id: its smallest cost. */
export const cheapArgon2 = {
  TOKMESH_SECURITY_AUTH_ARGON2_MEMORY: '8192',
  TOKMESH_SECURITY_AUTH_ARGON2_ITERATIONS: '1',
  TOKMESH_SECURITY_AUTH_ARGON2_PARALLELISM: '1',
}

/** An answer. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** The body's text. */
  readonly text: string
  /** `code` of the envelope, `''` where there is none. */
  readonly code: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape.
  readonly data: any
  // biome-ignore lint/suspicious/noExplicitAny: the same.
  readonly details: any
  readonly message: string
}

export interface CallOptions {
  /** Credential, sent as Bearer. */
  readonly key?: string | undefined
  /** Sent as JSON; a string or bytes as they are. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Calls a service: `call('POST', '/sessions', { key, body })`. */
export type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>

/** A running service. */
export interface Node {
  readonly url: string
  readonly call: Call
  readonly service: Service
  /** Lines of its log so far. */
  readonly logged: readonly string[]
  /** Lines shown to the operator so far. */
  readonly printed: readonly string[]
  /** The row with this id, as JSON. */
  row(table: string, id: string): Promise<Record<string, unknown>>
  /** Deletes the row with this id. */
  remove(table: string, id: string): Promise<void>
  /** A new key's credential. */
  newKey(role: string, more?: object): Promise<string>
  stop(): Promise<void>
}

/** Starts a service with an environment like the one of a process. */
export async function startNode(
  kind: DatabaseKind,
  environment: Readonly<Record<string, string>> = {},
  clock: () => number = Date.now,
): Promise<Node> {
  const database = kind === 'postgres' && !environment.DATABASE_URL ? await testDatabase() : undefined
  const { config, problems } = readConfig({
    ...cheapArgon2,
    TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
    TOKMESH_BOOTSTRAP_METRICS_KEY: metricsKey,
    TOKMESH_STORAGE_DATA_DIR: 'memory://',
    ...(database && { DATABASE_URL: database.url }),
    ...environment,
  })
  expect(problems).toEqual([])
  const [logged, printed]: [string[], string[]] = [[], []]
  const log = createLog({ level: config.logLevel, write: (line) => logged.push(line) })
  const service = await createService({ config, log, print: (line) => printed.push(line), clock })
  const options = { host: '127.0.0.1', port: 0, refuse: refuseUnread }
  const listener = await listen({ ...options, fetch: service.app.fetch })
  if (!environment.DATABASE_URL) await service.prepared
  const url = `http://127.0.0.1:${listener.port}`
  const call = caller(url)
  const { db } = service.database
  return {
    ...{ url, call, service, logged, printed },
    async row(table, id) {
      const from = sql.raw(`${table} t`)
      const rows = await db.select({ row: sql<object>`to_json(t)` }).from(from).where(sql`id = ${id}`)
      return { ...rows[0]?.row }
    },
    async remove(table, id) {
      await db.execute(sql`delete from ${sql.raw(table)} where id = ${id}`)
    },
    async newKey(role, more) {
      const { data } = await call('POST', '/admin/v1/keys', { key: adminKey, body: { role, ...more } })
      return `${data.key_id}:${data.key_secret}`
    },
    async stop() {
      await listener.close()
      await service.close()
      await database?.drop()
    },
  }
}

/** A client of the service at `url`, which holds every envelope against the contract's section 3.1 and error table. */
export function caller(url: string): Call {
  return async (method, path, { key, body, headers = {} } = {}) => {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(key && { Authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: raw ? (body as BodyInit) : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type') === 'application/json'
    const parsed = isJson && text !== '' ? JSON.parse(text) : {}
    if ('code' in parsed) {
      expectEnvelope(response, parsed)
      expectDeclared(method, path, response.status, parsed)
    }
    const { code = '', data, details, message = '' } = parsed
    return { status: response.status, headers: response.headers, text, code, data, details, message }
  }
}

function expectEnvelope({ status, headers }: Response, body: Record<string, unknown>): void {
  expect(body.request_id).toBe(headers.get('x-request-id'))
  expect(body.request_id).toMatch(/^[A-Za-z0-9._-]{1,128}$/)
  expect(Math.abs(Number(body.timestamp) - Date.now())).toBeLessThan(60_000)
  if (body.code === 'OK') {
    expect(body.message).toBe('Success')
    expect(body).not.toHaveProperty('details')
    expect(typeof body.data).toBe('object')
    return
  }
  expect(httpStatusOf).toHaveProperty([String(body.code)], status)
  expect(headers.get('x-error-code')).toBe(body.code)
  expect(body).not.toHaveProperty('data')
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
