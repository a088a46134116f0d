import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { httpStatusOf } from '../domain/errors.ts'
import { codeHelp } from '../openapi/code-help.ts'
import { operations } from '../routes/operations.ts'
import { adminKey, metricsKey, type Node, startNode } from './support.ts'

const page = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** The commands that call a route, each with the answer below it. */
const steps = Array.from(
  page.matchAll(/^```sh\n(curl .*)\n```\n\n```(json|text)\n([\s\S]*?)\n```$/gm),
  ([, command = '', kind, answer = '']) => ({ command, answer: kind === 'json' ? JSON.parse(answer) : answer }),
)

const hasCurl = ((): boolean => {
  try {
    execFileSync('curl', ['--version'])
    return true
  } catch {
    return false
  }
})()

/** The names and kinds of a value; of a list, those of its first item. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]))
}

/** What the page shows of an answer: `data` of an envelope, all of anything else. */
function shownOf(answer: string): unknown {
  try {
    const parsed = JSON.parse(answer)
    return 'code' in parsed ? parsed.data : parsed
  } catch {
    return answer
  }
}

describe('the README of TokMesh', () => {
  let node: Node
  beforeAll(async () => {
    node = await startNode('embedded')
  })
  afterAll(() => node.stop())

  const anotherSession = async () => {
    const { data } = await node.call('POST', '/sessions', { key: adminKey, body: { user_id: 'ada' } })
    return { SESSION: data.session_id, TOKEN: data.token }
  }

  it('has a section for every route', () => {
    const headings = page.split('\n').filter((line) => line.startsWith('### '))
    for (const { method, path } of operations) {
      const template = `\`${path.replace(/:(\w+)/g, '{$1}')}\``
      const found = headings.some((line) => line.startsWith(`### ${method} `) && line.includes(template))
      expect({ path: `${method} ${template}`, found }).toEqual({ path: `${method} ${template}`, found: true })
    }
  })

  it('has a row for every code, with what to do about it', () => {
    for (const [code, { meaning, remedy }] of Object.entries(codeHelp)) {
      expect(page).toContain(
        `| \`${code}\` | ${httpStatusOf[code as keyof typeof httpStatusOf]} | ${meaning} | ${remedy} |`,
      )
    }
  })

  it.skipIf(!hasCurl)(`shows what its commands answer${hasCurl ? '' : ' (skipped: no curl)'}`, async () => {
    const environment: Record<string, string> = { URL: node.url, KEY: adminKey, METRICS_KEY: metricsKey }
    expect(steps.length).toBeGreaterThan(20)
    for (const { command, answer } of steps) {
      const env = { PATH: process.env.PATH ?? '', ...environment }
      const { stdout } = await promisify(execFile)('bash', ['-c', command], { env })
      const shown = shownOf(stdout.trim())
      expect({ command, shape: shapeOf(shown) }).toEqual({ command, shape: shapeOf(answer) })
      const { session_id, token, key_id } = (typeof shown === 'object' ? shown : {}) as Record<string, string>
      if (session_id && token) Object.assign(environment, { SESSION: session_id, TOKEN: token })
      if (key_id) environment.KEY_ID = key_id
      // What is revoked is of no use to the commands that follow.
      if (command.includes('/revoke"')) Object.assign(environment, await anotherSession())
      // Entries of the audit log can be queried within 1 s.
      if (command.includes('/cluster/nodes')) await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  })
})
