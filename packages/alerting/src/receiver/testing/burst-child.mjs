// A receiver in a process of its own, for tests that kill it. Arguments: database, where its pager is, bearer token.
import { alertWebhook } from '@honoscope/alerting/receiver'
import { drizzleStore, migrate } from '@honoscope/alerting/receiver/drizzle'
import { serve } from '@honoscope/testing'
import { drizzle } from 'drizzle-orm/postgres-js'
import { Hono } from 'hono'
import postgres from 'postgres'

const [, , databaseUrl, pagerUrl, token] = process.argv
const db = drizzle(postgres(databaseUrl, { max: 10, onnotice: () => {} }))
await migrate(db)

const pager = {
  kind: 'test',
  async send(message, { signal }) {
    const answer = await fetch(pagerUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': message.id },
      body: JSON.stringify(message.alerts.map(({ fingerprint, status }) => `${fingerprint} ${status}`)),
      signal,
    })
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`the pager answers ${answer.status}`)
  },
}

const receiver = alertWebhook({
  auth: token,
  store: drizzleStore(db),
  notifiers: { pager },
  routes: [{ notifiers: ['pager'] }],
  // Short, so that the test does not wait long for the claims of a process that it has killed.
  sending: { timeoutMs: 5_000, minRetryMs: 100, maxRetryMs: 2_000, alertsPerMessage: 25 },
})
const { url } = await serve(new Hono().route('/alerts', receiver).fetch)
process.stdout.write(`${url}/alerts\n`)
