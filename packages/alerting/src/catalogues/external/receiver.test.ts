import { createMetrics } from '@honoscope/metrics'
import { expect, it } from 'vitest'
import { alertWebhook } from '../../receiver/alert-webhook.ts'
import { receiverCatalogue } from './receiver.ts'

it('the catalogue of the receiver is what the receiver exports', async () => {
  const metrics = createMetrics({ runtime: false })
  const receiver = alertWebhook({
    auth: 'a-token-of-this-test-with-length',
    routes: [{ notifiers: ['chat'] }],
    notifiers: { chat: { kind: 'test', send: async () => {} } },
    remediations: { mend: { when: { alertname: 'Test' }, run: async () => 'nothing' } },
    metrics,
  })
  const exported = Object.entries(metrics.describe()).filter(([name]) => name.startsWith('honoscope_alert'))
  // Notifiers and remediations have the names that their owner gives them.
  const described = exported.map(([name, { labels, ...rest }]) => {
    const open = Object.keys(labels).filter((label) => ['notifier', 'remediation'].includes(label))
    return [name, { ...rest, labels: { ...labels, ...Object.fromEntries(open.map((label) => [label, 'open'])) } }]
  })
  await receiver.close()
  metrics.close()
  expect(Object.fromEntries(described)).toEqual(receiverCatalogue)
})
