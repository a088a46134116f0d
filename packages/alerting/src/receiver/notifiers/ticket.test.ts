import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Notifier } from '../notifier.ts'
import { type Attempt, type Message, PermanentError, RetryAfterError } from '../notifier.ts'
import { type FakeGithub, fakeGithub } from '../testing/fake-github.ts'
import { linesOf } from '../testing/lines.ts'
import { alertOf, messageOf, oddMessages, resolvedOf } from '../testing/messages.ts'
import { githubIssues } from './github-issues.ts'
import { ticket } from './ticket.ts'

const attempt = (): Attempt => ({ number: 1, signal: AbortSignal.timeout(30_000) })
const options = { owner: 'example', repo: 'operations', token: 'Tsecret' }
let github: FakeGithub
let notifier: Notifier
beforeEach(async () => {
  github = await fakeGithub('Tsecret')
  notifier = ticket({ system: githubIssues({ ...options, url: `${github.url}/` }) })
})
afterEach(() => github.stop())

it('opens a ticket, and comments and closes it at the end', async () => {
  await notifier.send(messageOf(), attempt())
  await notifier.send(resolvedOf(messageOf()), attempt())
  expect(linesOf(github.issues)).toMatchInlineSnapshot(`
    [
      {
        "body": [
          "<!-- honoscope: 8c6565ee639beda28e61d2384f12a866cb6e4a14 -->",
          "",
          "Runbook: <https://example.com/runbook#highlatency> · Source: <https://prometheus.example.com/graph?g0.expr=up&g0.tab=1>",
          "",
          "\`\`\`text",
          "It has been for 5 minutes.",
          "",
          "since 2026-06-01T10:30:00.000Z",
          "",
          "alertname: HighLatency",
          "severity: critical",
          "instance: web-1:9100",
          "job: web",
          "\`\`\`",
        ],
        "comments": [
          {
            "body": [
              "<!-- honoscope: 603693018a9a052ed894d375d9828970fae880c6 -->",
              "\`\`\`text",
              "Resolved at 2026-06-01T10:31:00.000Z.",
              "\`\`\`",
            ],
          },
        ],
        "labels": [
          {
            "name": "alert",
          },
        ],
        "number": 1,
        "state": "closed",
        "title": "HighLatency (critical): P95 is above 2 s",
      },
    ]
  `)
})

it('opens one ticket and makes one comment, however often it is told', async () => {
  for (let i = 0; i < 3; i++) await notifier.send(messageOf(), attempt())
  expect(github.issues).toHaveLength(1)
  const fine = github.answer
  github.answer = (request) => (request.method === 'PATCH' ? { status: 502 } : fine(request))
  for (let i = 0; i < 3; i++) await expect(notifier.send(resolvedOf(messageOf()), attempt())).rejects.toThrow('502')
  github.answer = fine
  for (let i = 0; i < 3; i++) await notifier.send(resolvedOf(messageOf()), attempt())
  expect(github.issues[0]).toMatchObject({ state: 'closed', comments: [{}] })
  expect(github.issues[0]?.comments).toHaveLength(1)
})

it('goes on where a limit has stopped it, after the time that GitHub names', async () => {
  const many = oddMessages['has 100 alerts'] as Message
  const fine = github.answer
  github.answer = (request) =>
    github.issues.length === 40 && request.method === 'POST'
      ? { status: 403, headers: { 'retry-after': '60' } }
      : fine(request)
  await expect(notifier.send(many, attempt())).rejects.toBeInstanceOf(RetryAfterError)
  github.answer = fine
  await notifier.send(many, attempt())
  expect(github.issues).toHaveLength(100)
})

it('finds a ticket behind a hundred newer ones', async () => {
  await notifier.send(messageOf(), attempt())
  await notifier.send(oddMessages['has 100 alerts'] as Message, attempt())
  await notifier.send(resolvedOf(messageOf()), attempt())
  expect(github.issues.filter(({ state }) => state === 'closed').map((it) => it.number)).toEqual([1])
})

it('leaves what people have closed alone, and what never was', async () => {
  await notifier.send(messageOf(), attempt())
  Object.assign(github.issues[0] as object, { state: 'closed' })
  await notifier.send(resolvedOf(messageOf()), attempt())
  await notifier.send(messageOf(), attempt())
  await notifier.send(resolvedOf(messageOf({ alerts: [alertOf({ incidentId: 'never told' })] })), attempt())
  expect(github.issues).toHaveLength(1)
  expect(github.issues[0]?.comments).toHaveLength(0)
})

it('takes no label for the mark of another ticket, and lets none out of its block of code', async () => {
  await notifier.send(messageOf(), attempt())
  const mark = github.issues[0]?.body.split('\n')[0] ?? ''
  const description = `${mark}\n\`\`\`\n@everyone <img src=x>\n\`\`\`\``
  const forger = alertOf({ incidentId: 'forger', annotations: { description, summary: '' }, labels: {} })
  await notifier.send(messageOf({ id: 'm2', alerts: [forger] }), attempt())
  expect(github.issues).toHaveLength(2)
  const body = github.issues[1]?.body ?? ''
  expect(body.indexOf('`````text\n')).toBeLessThan(body.indexOf('@everyone'))
  expect(body.endsWith('\n`````')).toBe(true)
})

it('tells that GitHub has dropped the label, without which a ticket is lost', async () => {
  const fine = github.answer
  github.answer = (request) =>
    request.method === 'POST' ? { status: 201, body: '{"number":1,"labels":[]}' } : fine(request)
  await expect(notifier.send(messageOf(), attempt())).rejects.toBeInstanceOf(PermanentError)
})

it.each(['{}', 'no json'])('asks again after an answer of %s', async (body) => {
  github.answer = () => ({ status: 200, body })
  const failed = notifier.send(messageOf(), attempt())
  await expect(failed).rejects.toMatchObject({ code: 'HONOSCOPE_NOTIFICATION_FAILED' })
})

it.each([
  [{ owner: '../x' }, 'githubIssues: owner'],
  [{ repo: '..' }, 'githubIssues: repo'],
  [{ token: 'Tsecret\n' }, 'githubIssues: token'],
  [{ token: 'Tsecret😀' }, 'githubIssues: token'],
  [{ label: 'a,b' }, 'githubIssues: label'],
  [{ url: 'Tsecret' }, 'githubIssues: url'],
])('throws at once for %j, without the value', (wrong, named) => {
  const make = () => githubIssues({ ...options, ...wrong })
  expect(make).toThrow(TypeError)
  expect(make).toThrow(named)
  expect(make).not.toThrow('Tsecret')
})
