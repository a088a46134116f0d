import { expect, it } from 'vitest'
import type { Message } from '../notifier.ts'
import { linesOf } from '../testing/lines.ts'
import { alertOf, messageOf, oddMessages, resolvedOf } from '../testing/messages.ts'
import { slackFault } from '../testing/service-limits.ts'
import { slack } from './slack.ts'

/** What Slack is sent for a message. */
async function payloadOf(message: Message, maxAlerts?: number): Promise<{ text: string; blocks: unknown[] }> {
  let body = ''
  const fetch = async (_: string, init: RequestInit): Promise<Response> => {
    body = String(init.body)
    return new Response('ok')
  }
  const notifier = slack({
    url: 'https://hooks.example.com/a',
    fetch,
    ...(maxAlerts === undefined ? {} : { maxAlerts }),
  })
  await notifier.send(message, { number: 1, signal: AbortSignal.timeout(1000) })
  expect(slackFault(body)).toBeUndefined()
  return JSON.parse(body)
}

it('shows what fires, since when it is bad, and where to look', async () => {
  expect(linesOf(await payloadOf(messageOf()))).toMatchInlineSnapshot(`
    {
      "blocks": [
        {
          "text": {
            "emoji": true,
            "text": "🔴 [FIRING:1] HighLatency",
            "type": "plain_text",
          },
          "type": "header",
        },
        {
          "elements": [
            {
              "text": "critical · 1 alert firing · cluster=eu · <https://alertmanager.example.com/|Alertmanager>",
              "type": "mrkdwn",
              "verbatim": true,
            },
          ],
          "type": "context",
        },
        {
          "text": {
            "text": [
              "*HighLatency* · critical",
              "P95 is above 2 s",
              "It has been for 5 minutes.",
              "<https://example.com/runbook#highlatency|Runbook> · <https://prometheus.example.com/graph?g0.expr=up&amp;g0.tab=1|Source>",
            ],
            "type": "mrkdwn",
            "verbatim": true,
          },
          "type": "section",
        },
      ],
      "text": "[FIRING:1] HighLatency",
    }
  `)
})

it('shows that it is over', async () => {
  const { text, blocks } = await payloadOf(resolvedOf(messageOf()))
  expect(text).toBe('[RESOLVED] HighLatency')
  expect(JSON.stringify(blocks[0])).toContain('🟢')
})

it('shows as many alerts as it is told to, and counts the others', async () => {
  const many = oddMessages['has 100 alerts'] as Message
  expect((await payloadOf(many, 3)).blocks).toHaveLength(6)
  const { blocks } = await payloadOf(many)
  expect(blocks).toHaveLength(13)
  expect(JSON.stringify(blocks.at(-1))).toContain('and 90 more')
})

it('shows fewer when they are long, and never none', async () => {
  const long = 'é<'.repeat(5000)
  const alerts = Array.from({ length: 40 }, (_, i) =>
    alertOf({ incidentId: `${i}`, annotations: { summary: long, description: long } }),
  )
  const { blocks } = await payloadOf(messageOf({ alerts }), 40)
  const shown = blocks.length - 3
  expect(shown).toBeGreaterThan(3)
  expect(JSON.stringify(blocks.at(-1))).toContain(`and ${40 - shown} more`)
})

it('lets no label mention a channel or make a link', async () => {
  const summary = '<!channel> <https://evil.example.com|here> a & b'
  const { blocks } = await payloadOf(messageOf({ alerts: [alertOf({ annotations: { summary } })] }))
  expect(JSON.stringify(blocks)).toContain('&lt;!channel&gt; &lt;https://evil.example.com|here&gt; a &amp; b')
})

it.each([
  [{ url: 'ftp://example.com/Tsecret' }, 'slack: url'],
  [{ url: 'Tsecret' }, 'slack: url'],
  [{ url: 'https://user:Tsecret@example.com' }, 'slack: url must have no user and password'],
  [{ url: 'https://example.com/Tsecret', maxAlerts: 41 }, 'slack: maxAlerts'],
])('throws at once for %j, without the value', (options, named) => {
  expect(() => slack(options)).toThrow(TypeError)
  expect(() => slack(options)).toThrow(named)
  expect(() => slack(options)).not.toThrow('Tsecret')
})
