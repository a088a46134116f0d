// The example receiver, whose PostgreSQL goes away in the middle of deliveries and comes back.

import { until } from '@honoscope/testing'
import { startPostgres } from '@honoscope/testing/postgres'
import { afterEach, expect, it } from 'vitest'
import { startReceiver } from './support/operate/receiver.ts'
import { startListeners } from './support/operate/told.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

const token = 'a-token-of-this-test'

function delivery(name: string): RequestInit {
  const alerts = Array.from({ length: 20 }, (_, index) => ({
    ...{ status: 'firing', startsAt: '2026-11-22T14:00:00Z', fingerprint: `${name}-${index}` },
    labels: { alertname: 'DiskFull', severity: 'critical' },
  }))
  return {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ version: '4', status: 'firing', groupKey: name, receiver: 'page', alerts }),
  }
}

it('lives on when PostgreSQL goes away, and tells what it could not write down when it comes again', async () => {
  const server = await startPostgres()
  cleanUp.push(server.stop)
  const listeners = await startListeners()
  cleanUp.push(listeners.stop)
  const environment = { ALERT_RECEIVER_TOKEN: token, WEBHOOK_URL: `${listeners.url}/webhook`, DATABASE_URL: server.url }
  const receiver = await startReceiver(environment)
  cleanUp.push(() => receiver.kill('SIGKILL'))

  let refused = 0
  /** As Alertmanager does: again, until it is taken. */
  const deliver = async (name: string): Promise<void> => {
    for (;;) {
      const { status } = await fetch(`${receiver.url}/alerts`, delivery(name))
      if (status === 200) return
      expect(status).toBe(503)
      refused++
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  for (const end of [server.pause, server.kill]) {
    const names = Array.from({ length: 60 }, (_, index) => `${end.name}-${index}`)
    const all = Promise.all(names.map(deliver))
    await end()
    const before = refused
    await until(() => refused > before)
    expect((await fetch(`${receiver.url}/health/live`)).status).toBe(200)
    await server.resume()
    await all
  }
  await until(async () => (await receiver.metrics()).includes('\nhonoscope_alert_notifications_waiting 0\n'))
  const told = listeners.at('/webhook').flatMap(({ body }) => body.data.alerts as { fingerprint: string }[])
  expect(new Set(told.map(({ fingerprint }) => fingerprint)).size).toBe(2 * 60 * 20)
  expect(await receiver.kill('SIGTERM')).toBe(0)
}, 120_000)
