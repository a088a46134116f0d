import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Node, startNode } from '../acceptance/support.ts'
import { httpStatusOf } from '../domain/errors.ts'
import { reference } from '../routes/documentation-operations.ts'
import { operations } from '../routes/operations.ts'
import { codeHelp } from './code-help.ts'
import { openApiDocument } from './document.ts'

let node: Node
beforeAll(async () => {
  node = await startNode('embedded')
})
afterAll(() => node.stop())

it('declares every route of the app, and no other; files of the page are no API', () => {
  const served = node.service.app.routes
    .filter(({ method, path }) => method !== 'ALL' && !path.startsWith(`${reference.path}/`))
    .map(({ method, path }) => `${method} ${path}`)
  const declared = operations.map(({ method, path }) => `${method} ${path}`)
  expect([...new Set(served)].sort()).toEqual([...declared].sort())
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length)
})

it('is served to everybody, as it is made', async () => {
  const { status, headers, text } = await node.call('GET', '/openapi.json')
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('application/json')
  expect(headers.get('x-request-id')).toMatch(/^req-/)
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
})

it('has help for every code, and an answer for each that a route may give', () => {
  expect(Object.keys(codeHelp).sort()).toEqual(Object.keys(httpStatusOf).sort())
  for (const { meaning, remedy } of Object.values(codeHelp)) expect([meaning, remedy]).not.toContain('')
})

it('says what is required, and the limits that the rules have', () => {
  const text = JSON.stringify(openApiDocument())
  const { paths } = JSON.parse(text)
  const { schema } = paths['/sessions'].post.requestBody.content['application/json']
  expect(schema).toMatchObject({
    required: ['user_id'],
    additionalProperties: false,
    properties: { user_id: { type: 'string', maxLength: 128 }, ttl_seconds: { type: 'integer', minimum: 1 } },
  })
  expect(text).not.toMatch(/\$defs|"id":"(?!tm|audit-)/)
})
