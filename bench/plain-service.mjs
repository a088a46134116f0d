/**
 * What TokMesh is measured beside: sessions with Hono and Drizzle as one would write them in an afternoon. It has
 * TokMesh's table, pool size and statements, and one key in place of keys: no cache, metrics, log, audit, limits.
 *
 *     PORT=3000 DATABASE_URL=postgres://… KEY=… node bench/plain-service.mjs
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { serve } from '@hono/node-server'
import { and, eq, gt, sql } from 'drizzle-orm'
import { bigint, boolean, integer, json, pgTable, text } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import postgres from 'postgres'

const { PORT = '3000', DATABASE_URL = '', KEY = '' } = process.env

const sessions = pgTable('sessions', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  tokenHash: text('token_hash').notNull(),
  ipAddress: text('ip_address').notNull(),
  userAgent: text('user_agent').notNull(),
  lastAccessIp: text('last_access_ip').notNull(),
  lastAccessUa: text('last_access_ua').notNull(),
  deviceId: text('device_id').notNull(),
  createdBy: text('created_by').notNull(),
  createdAt: bigint('created_at', { mode: 'number' }).notNull(),
  expiresAt: bigint('expires_at', { mode: 'number' }).notNull(),
  lastActive: bigint('last_active', { mode: 'number' }).notNull(),
  data: json('data').notNull(),
  version: integer('version').notNull(),
  ttl: integer('ttl').notNull(),
  isDeleted: boolean('is_deleted').notNull(),
  revokedAt: bigint('revoked_at', { mode: 'number' }).notNull(),
})

const db = drizzle(postgres(DATABASE_URL, { max: 10, fetch_types: false }))

const byToken = db
  .select()
  .from(sessions)
  .where(eq(sessions.tokenHash, sql.placeholder('tokenHash')))
  .prepare('plain_by_token')

const insert = db
  .select({ outcome: sql`outcome` })
  .from(
    sql`tokmesh_create_session(${sql.placeholder('id')}, ${sql.placeholder('userId')}, ${sql.placeholder('tokenHash')},
      ${sql.placeholder('ip')}, ${sql.placeholder('agent')}, '', 'plain', ${sql.placeholder('now')},
      ${sql.placeholder('expiresAt')}, '{}', 1, 7200, 50)`,
  )
  .prepare('plain_create')

const revoke = db
  .update(sessions)
  .set({ isDeleted: true, revokedAt: sql`${sql.placeholder('now')}` })
  .where(
    and(
      eq(sessions.id, sql.placeholder('id')),
      eq(sessions.revokedAt, 0),
      gt(sessions.expiresAt, sql.placeholder('now')),
    ),
  )
  .prepare('plain_revoke')

const digest = (/** @type {string} */ value) => createHash('sha256').update(value).digest()
const hashOf = (/** @type {string} */ token) => `tmth_${digest(token).toString('hex')}`
const expected = digest(`Bearer ${KEY}`)

const checkKey = createMiddleware(async (c, next) => {
  const given = digest(c.req.header('authorization') ?? '')
  if (!timingSafeEqual(given, expected)) return c.json({ code: 'UNAUTHORIZED' }, 401)
  await next()
})

const app = new Hono()
app.get('/health', (c) => c.json({ status: 'healthy' }))
app.use(checkKey)

app.post('/tokens/validate', async (c) => {
  const { token } = await c.req.json()
  if (typeof token !== 'string') return c.json({ code: 'INVALID' }, 400)
  const [found] = await byToken.execute({ tokenHash: hashOf(token) })
  if (!found || found.revokedAt > 0 || found.expiresAt <= Date.now()) return c.json({ code: 'UNAUTHORIZED' }, 401)
  const { tokenHash: _, revokedAt: __, isDeleted: ___, ttl: ____, ...session } = found
  return c.json({ code: 'OK', data: { valid: true, session } })
})

app.post('/sessions', async (c) => {
  const { user_id: userId } = await c.req.json()
  if (typeof userId !== 'string') return c.json({ code: 'INVALID' }, 400)
  const now = Date.now()
  const id = `tmss-${randomBytes(13).toString('hex')}`
  const token = `tmtk_${randomBytes(32).toString('base64url')}`
  const expiresAt = now + 7_200_000
  const agent = c.req.header('user-agent') ?? ''
  const [made] = await insert.execute({
    ...{ id, userId, tokenHash: hashOf(token), ip: '127.0.0.1', agent, now, expiresAt },
  })
  if (made?.outcome !== 'created') return c.json({ code: 'REFUSED' }, 409)
  return c.json({ code: 'OK', data: { session_id: id, token, expires_at: expiresAt } }, 201)
})

app.post('/sessions/:id/revoke', async (c) => {
  await revoke.execute({ id: c.req.param('id'), now: Date.now() })
  return c.json({ code: 'OK', data: {} })
})

const where = { port: Number(PORT), hostname: '127.0.0.1', fetch: app.fetch }
if (process.versions.bun === undefined) serve(where)
else Bun.serve(where)
