import { apiKey, createApiKeys, memoryKeyStore } from '@honoscope/api-key'
import { Hono } from 'hono'

const refused = new Map<string, number>()

export const keys = createApiKeys({
  store: memoryKeyStore(), // yours: a table, a file; see KeyStore
  roles: ['reader', 'admin'],
  trustedProxies: ['10.0.0.0/8'],
  onFailure: ({ reason }) => refused.set(reason, (refused.get(reason) ?? 0) + 1),
})

const app = new Hono()
app.get('/report', apiKey({ keys, roles: ['reader', 'admin'] }), (c) => c.text(`for ${c.get('apiKey').id}\n`))
app.post('/keys', apiKey({ keys, roles: ['admin'] }), async (c) => {
  const createdBy = c.get('apiKey').id
  const { record, secret } = await keys.create({ role: 'reader', rateLimit: 10, createdBy })
  return c.json({ key: `${record.id}:${secret}` }, 201) // the only time that the secret can be seen
})

export default app
