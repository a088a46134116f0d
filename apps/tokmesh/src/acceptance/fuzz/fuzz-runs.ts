/** Sends random requests to a service, and holds every answer against the document. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { usedHeapBytes } from '../../../../../tests/support/heap.ts'
import { httpStatusOf } from '../../domain/errors.ts'
import { openApiDocument } from '../../openapi/document.ts'
import { adminKey, type DatabaseKind, type Node, startNode } from '../support.ts'
import { createRandom, type Random } from './random.ts'
import { type Documented, documented, type FuzzRequest, type Known, makeRequest } from './requests.ts'

/** Longest time that an answer may take, milliseconds; a busy machine is no hang. */
const patienceMs = 20_000

/** Answers of the router, of which no operation says anything. */
const routerCodes: ReadonlySet<string> = new Set([
  'TM-SYS-4040',
  'TM-SYS-4050',
  'TM-ADMIN-4030',
  'TM-AUTH-4010',
  'TM-AUTH-4011',
])

/** Rejects with the seed and the request when an answer is not one that the document tells of. */
export async function fuzz(kind: DatabaseKind, requests: number, seed: number): Promise<void> {
  const node = await startNode(kind, { TOKMESH_SESSION_QUOTA_MAX_PER_USER: '10000' })
  const random = createRandom(seed)
  const answers = createJudge()
  const operations = documented()
  const credentials = [
    adminKey,
    await node.newKey('issuer'),
    await node.newKey('validator'),
    await node.newKey('metrics'),
  ]
  // The calls come as fast as they can: the rate is another test's.
  const fast = await node.newKey('admin', { rate_limit: 1_000_000 })
  const known: Known = { sessions: [], tokens: [], keys: [], credentials: [fast, ...credentials] }
  try {
    await send(node, operations, known, random, answers, Math.min(1000, requests))
    const before = await usedHeapBytes()
    await send(node, operations, known, random, answers, requests)
    expect((await usedHeapBytes()) - before).toBeLessThan(24 * 1024 ** 2)
    await expectBoundedLabels(node)
  } catch (error) {
    throw new Error(`seed ${seed} on ${kind}: ${error instanceof Error ? error.message : error}`, { cause: error })
  } finally {
    await node.stop()
  }
}

/** Sixteen at a time, as clients are not polite. */
async function send(
  node: Node,
  operations: readonly [Documented, ...Documented[]],
  known: Known,
  random: Random,
  judge: Judge,
  requests: number,
): Promise<void> {
  let left = requests
  const worker = async () => {
    while (left-- > 0) {
      const operation = choose(operations, random)
      await one(node, operation, makeRequest(operation, known, random), known, judge)
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}

/** Any operation; those that hash a secret, which takes its time on purpose, are rarer. */
function choose(operations: readonly [Documented, ...Documented[]], random: Random): Documented {
  const chosen = random.pick(operations)
  const hashes = /createKey|rotateKey/.test(chosen.operationId)
  return hashes && !random.once(6) ? choose(operations, random) : chosen
}

async function one(node: Node, operation: Documented, request: FuzzRequest, known: Known, judge: Judge): Promise<void> {
  const { method, path, headers, body } = request
  const shown = `${method} ${path.slice(0, 200)} ${String(body).slice(0, 500)}`
  try {
    const signal = AbortSignal.timeout(patienceMs)
    const response = await fetch(node.url + path, {
      method,
      headers,
      signal,
      ...(body !== undefined && { body: body as BodyInit }),
    })
    const text = await response.text()
    judge(operation, request, response, text)
    if (response.ok && text.startsWith('{')) remember(known, operation, JSON.parse(text))
  } catch (error) {
    throw new Error(`${shown}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}

const mostKnown = 200

function remember(known: Known, { template, method }: Documented, answer: { data?: Record<string, unknown> }): void {
  const { session_id, token, key_id } = answer.data ?? {}
  if (typeof session_id === 'string') keep(known.sessions, session_id)
  if (typeof token === 'string') keep(known.tokens, token)
  if (template === '/admin/v1/keys' && method === 'POST' && typeof key_id === 'string') keep(known.keys, key_id)
}

function keep(list: string[], value: string): void {
  list.push(value)
  if (list.length > mostKnown) list.shift()
}

type Judge = (operation: Documented, request: FuzzRequest, response: Response, text: string) => void

/** Returns a judge of answers, with one validator for each documented answer. */
function createJudge(): Judge {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(JSON.parse(JSON.stringify(openApiDocument())), 'document')
  const validators = new Map<string, ValidateFunction>()

  const validatorOf = ({ method, template }: Documented, status: string): ValidateFunction => {
    const pointer = [
      'paths',
      template,
      method.toLowerCase(),
      'responses',
      status,
      'content',
      'application/json',
      'schema',
    ]
    const path = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')
    const found = validators.get(path) ?? ajv.compile({ $ref: `document#/${path}` })
    validators.set(path, found)
    return found
  }

  return (operation, { method }, response, text) => {
    const { status, headers } = response
    expect(headers.get('x-request-id')).toMatch(/^[A-Za-z0-9._-]{1,128}$/)
    expect(status).toBeLessThan(500)
    if (method === 'HEAD') return expect(text).toBe('')
    const isJson = headers.get('content-type') === 'application/json'
    const body: { code?: keyof typeof httpStatusOf | 'OK' } = isJson ? JSON.parse(text) : {}
    if (body.code !== undefined && body.code !== 'OK') {
      expect(httpStatusOf[body.code]).toBe(status)
      expect(headers.get('x-error-code')).toBe(body.code)
      if (method !== operation.method || routerCodes.has(body.code)) return
    }
    const documentedAnswer = operation.responses[String(status)]
    expect({ status, documented: documentedAnswer !== undefined }).toEqual({ status, documented: true })
    if (!isJson) {
      expect(Object.keys(documentedAnswer?.content ?? {}).map(essence)).toContain(
        essence(headers.get('content-type') ?? ''),
      )
      return
    }
    const validate = validatorOf(operation, String(status))
    expect({ valid: validate(body), errors: validate.errors, text: text.slice(0, 500) }).toMatchObject({ valid: true })
  }
}

/** A media type without its parameters. */
const essence = (type: string) => type.split(';', 1)[0]?.trim()

/** Every path that the metrics name has to be a template: whatever is sent, there are no more series than that gives. */
async function expectBoundedLabels(node: Node): Promise<void> {
  const { text } = await node.call('GET', '/metrics', { key: adminKey })
  const templates = new Set(['unmatched', ...documented().map(({ template }) => template)])
  const named = new Set(Array.from(text.matchAll(/[{,]path="([^"]*)"/g), ([, path = '']) => path))
  expect([...named].filter((path) => !templates.has(path))).toEqual([])
}
