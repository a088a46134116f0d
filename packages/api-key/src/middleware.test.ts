import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { apiKey, createApiKeys, memoryKeyStore } from './index.ts'

it('lets a right key in and refuses the rest', async () => {
  const keys = createApiKeys({ store: memoryKeyStore(), roles: ['reader', 'admin'] })
  const { record, secret } = await keys.create({ role: 'reader' })
  const app = new Hono()
  app.get('/report', apiKey({ keys, roles: ['reader'] }), (c) => c.json(c.get('apiKey')))
  app.get('/admin', apiKey({ keys, roles: ['admin'] }), (c) => c.json(c.get('apiKey')))
  const res = await app.request('/report', { headers: { authorization: `Bearer ${record.id}:${secret}` } })
  expect(res.status).toBe(200)
  expect(await res.json()).toMatchObject({ id: record.id, role: 'reader' })
  expect((await app.request('/admin', { headers: { 'x-api-key': `${record.id}:${secret}` } })).status).toBe(403)
  expect((await app.request('/admin')).status).toBe(401)
  await keys.close()
})
