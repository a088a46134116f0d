import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openApiDocument } from './document.ts'

const rules = fileURLToPath(new URL('../../redocly.yaml', import.meta.url))
const redocly = join(dirname(createRequire(import.meta.url).resolve('@redocly/cli/package.json')), 'bin', 'cli.js')
const node = process.versions.bun === undefined ? process.execPath : 'node'

interface Report {
  readonly totals: { readonly errors: number; readonly warnings: number; readonly ignored: number }
  readonly problems: readonly { readonly ruleId: string; readonly message: string; readonly location: unknown }[]
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokmesh-lint-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What Redocly finds in a document, without asking or telling anybody. */
async function lint(document: object): Promise<Report> {
  const file = join(folder, 'openapi.json')
  await writeFile(file, JSON.stringify(document))
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const args = [redocly, 'lint', '--config', rules, '--format=json', file]
  const { stdout } = await promisify(execFile)(node, args, { cwd: folder, env, maxBuffer: 64 * 2 ** 20 }).catch(
    // A document with errors ends the command with 1, and the report is as good.
    (failure: Error & { stdout: string }) => (failure.stdout ? failure : Promise.reject(failure)),
  )
  return JSON.parse(stdout)
}

it('lints clean, examples included', async () => {
  const { totals, problems } = await lint(openApiDocument())
  expect(problems).toEqual([])
  expect(totals).toEqual({ errors: 0, warnings: 0, ignored: 0 })
})

it('would be told of an example that its schema forbids, and of what is no OpenAPI', async () => {
  const text = JSON.stringify(openApiDocument())
  const wrong = JSON.parse(text.replace('"ttl_seconds":7200', '"ttl_seconds":"soon"').replace('"info":', '"inform":'))
  const found = (await lint(wrong)).problems.map(({ ruleId }) => ruleId)
  expect(found).toContain('no-invalid-media-type-examples')
  expect(found).toContain('struct')
})

it('has an example for every JSON body that is sent or answered with success, and no credential in one', () => {
  const document = openApiDocument()
  const bodies = Object.values(document.paths as Record<string, Record<string, Described>>).flatMap(Object.values)
  expect(bodies.length).toBeGreaterThan(20)
  for (const { operationId, requestBody, responses } of bodies) {
    const good = Object.entries(responses).filter(([status]) => status.startsWith('2'))
    for (const { content } of [...(requestBody ? [requestBody] : []), ...good.map(([, response]) => response)]) {
      const json = content['application/json']
      if (json?.schema.properties) expect({ operationId, json }).toHaveProperty(['json', 'example'])
    }
  }
  const credentials = JSON.stringify(document).match(/tm(?:tk|as|th)_[A-Za-z0-9_-]{20,}/g) ?? []
  expect(credentials.length).toBeGreaterThan(2)
  for (const one of credentials) expect(one).toMatch(/^tm(tk_this-is-an-example|as_ThisIsAnExample)/)
})

interface Described {
  readonly operationId: string
  readonly requestBody?: Body
  readonly responses: Readonly<Record<string, Body>>
}

interface Body {
  readonly content: Readonly<Record<string, { readonly schema: { readonly properties?: object } }>>
}
