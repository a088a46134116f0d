import { until } from '@honoscope/testing'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { alertWebhook } from './alert-webhook.ts'
import { deliver, token, wireAlert } from './testing/payload.ts'
import { sink } from './testing/sink.ts'

describe('alertWebhook()', () => {
  it('tells each notifier what its routes say, once for each state, and the end after the begin', async () => {
    const [pager, chat] = [sink(), sink()]
    const receiver = alertWebhook({
      auth: token,
      notifiers: { pager, chat },
      routes: [
        { match: { severity: 'critical', instance: /^db/ }, notifiers: ['pager'], continue: true },
        { match: { severity: 'critical' }, notifiers: ['chat'] },
        { notifiers: ['chat'], sendResolved: false },
      ],
    })
    const app = new Hono().route('/alerts', receiver)
    const alerts = [wireAlert('db1'), wireAlert('web1'), wireAlert('web2', 'firing', { labels: { severity: 'none' } })]
    const first = await deliver(app, alerts, '/alerts')
    expect([first.status, await first.json()]).toEqual([200, { new: 3, duplicate: 0, stale: 0 }])
    const again = await deliver(app, alerts, '/alerts')
    expect(await again.json()).toEqual({ new: 0, duplicate: 3, stale: 0 })
    const ends = alerts.map(({ fingerprint, labels }) => wireAlert(fingerprint, 'resolved', { labels }))
    expect(await (await deliver(app, ends, '/alerts')).json()).toEqual({ new: 3, duplicate: 0, stale: 0 })
    await until(() => pager.told.length === 2 && chat.told.length === 5)
    await receiver.close()
    expect(pager.told).toEqual(['db1 firing', 'db1 resolved'])
    expect(chat.told).toEqual(['db1 firing', 'web1 firing', 'web2 firing', 'db1 resolved', 'web1 resolved'])
    // All of one delivery with one status are one message.
    expect(chat.taken).toHaveLength(2)
  })

  it('tells the begin first of what began and ended within one delivery', async () => {
    const pager = sink()
    const options = { auth: token, notifiers: { pager }, routes: [{ notifiers: ['pager' as const] }] }
    const receiver = alertWebhook({ ...options, sending: { concurrency: 1 } })
    await deliver(receiver, [wireAlert('a', 'resolved'), wireAlert('b'), wireAlert('b', 'resolved')])
    await until(() => pager.told.length === 3)
    await receiver.close()
    expect(pager.told).toEqual(['b firing', 'a resolved', 'b resolved'])
  })
})
