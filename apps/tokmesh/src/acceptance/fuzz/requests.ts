/** Requests made from the OpenAPI document: most nearly right, some not at all. */
import { openApiDocument } from '../../openapi/document.ts'
import type { Random } from './random.ts'
import { anyText, anything, broken, fitting, type Schema } from './sample.ts'

interface DocumentedParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly schema: Schema
}

/** One operation of the document. */
export interface Documented {
  readonly operationId: string
  readonly method: string
  readonly template: string
  readonly parameters?: readonly DocumentedParameter[]
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>
}

/** What is sent. */
export interface FuzzRequest {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string | Uint8Array | undefined
}

/** Ids, tokens and keys that earlier answers told of, so that some requests reach something. */
export interface Known {
  readonly sessions: string[]
  readonly tokens: string[]
  /** Ids of keys that may be changed; never the one that the test calls with. */
  readonly keys: string[]
  readonly credentials: readonly [string, ...string[]]
}

/** The operations of the document, as JSON has them. */
export function documented(): readonly [Documented, ...Documented[]] {
  const { paths } = JSON.parse(JSON.stringify(openApiDocument())) as {
    paths: Record<string, Record<string, Omit<Documented, 'method' | 'template'>>>
  }
  const all = Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, rest]) => ({ ...rest, method: method.toUpperCase(), template })),
  )
  return all as [Documented, ...Documented[]]
}

/** A request for the operation. */
export function makeRequest(operation: Documented, known: Known, random: Random): FuzzRequest {
  const { parameters = [] } = operation
  const method = random.once(40) ? random.pick(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) : operation.method
  const path = pathOf(operation, known, random) + queryOf(parameters, random)
  const bodyless = method === 'GET' || method === 'HEAD'
  const body = bodyless ? undefined : bodyOf(operation, known, random)
  return { method, path, headers: headersOf(parameters, known, random), body }
}

function pathOf({ template }: Documented, known: Known, random: Random): string {
  const unknown = `tmss-01${random.pick(['a', 'h', 'z'])}${'0'.repeat(23)}`
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (random.once(8)) return encodeURIComponent(anyText(random).replace('\ud800', '')) || 'x'
    if (name === 'session_id') return known.sessions[random.below(known.sessions.length)] ?? unknown
    if (name === 'key_id') return known.keys[random.below(known.keys.length)] ?? unknown.replace('tmss', 'tmak')
    return encodeURIComponent(`user ${random.below(20)}`)
  })
}

function queryOf(parameters: readonly DocumentedParameter[], random: Random): string {
  const pairs: string[] = []
  for (const { name, in: place, schema } of parameters) {
    if (place !== 'query' || !random.once(3)) continue
    const value = random.once(3) ? anyText(random) : String(fitting(schema, random))
    for (let times = random.once(20) ? 2 : 1; times > 0; times--) pairs.push(`${name}=${encoded(value)}`)
  }
  if (random.once(10)) pairs.push(`${encoded(anyText(random))}=${encoded(anyText(random))}`)
  if (random.once(40)) pairs.push('size=%E0%A4%A')
  return pairs.length > 0 ? `?${pairs.join('&')}` : ''
}

const encoded = (text: string) => encodeURIComponent(text.replace('\ud800', '\ufffd'))

function headersOf(parameters: readonly DocumentedParameter[], known: Known, random: Random): Record<string, string> {
  const headers: Record<string, string> = {}
  if (!random.once(15))
    headers.Authorization = `Bearer ${random.once(8) ? random.pick(known.credentials) : known.credentials[0]}`
  if (random.once(20))
    headers.Authorization = random.pick(['Bearer', 'Bearer x:y', 'Basic dTpw', `Bearer ${'x'.repeat(2000)}`])
  if (!random.once(20)) headers['Content-Type'] = 'application/json'
  else
    headers['Content-Type'] = random.pick([
      'text/plain',
      'application/json; charset=latin1',
      ';',
      'multipart/form-data',
    ])
  if (parameters.some(({ in: place }) => place === 'header') && random.once(6)) {
    headers['X-Timestamp'] = random.pick([String(Date.now()), '0', 'soon', '-1'])
    headers['X-Nonce'] = random.pick([`n${random.below(1e9)}`, 'same', 'x'.repeat(300)])
    if (random.once(4)) delete headers[random.pick(['X-Timestamp', 'X-Nonce'])]
  }
  if (random.once(10)) headers['X-Request-ID'] = random.pick(['mine', 'not fit', 'x'.repeat(200)])
  if (random.once(10)) headers['User-Agent'] = random.pick(['\u00ff\u00fe', 'x'.repeat(3000), "'; --"])
  return headers
}

function bodyOf({ requestBody }: Documented, known: Known, random: Random): string | Uint8Array | undefined {
  const schema = requestBody?.content['application/json'].schema
  if (!schema || random.once(20)) return undefined
  if (random.once(15))
    return random.pick([
      '{',
      '[]',
      'null',
      '"text"',
      '{"a":1,"a":2}',
      '\ufeff{}',
      '{"__proto__":{}}',
      '[[['.repeat(5000),
    ])
  if (random.once(40)) return new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])
  const value = likely(fitting(schema, random) as Record<string, unknown>, known, random)
  return JSON.stringify(random.once(3) ? broken(value, random) : random.once(30) ? anything(random) : value)
}

/** Values that lead somewhere: users that have sessions, tokens that exist, short lives. */
function likely(body: Record<string, unknown>, known: Known, random: Random): Record<string, unknown> {
  const changed = { ...body }
  if ('user_id' in changed && !random.once(4)) changed.user_id = `user ${random.below(20)}`
  if ('ttl_seconds' in changed && random.once(2)) changed.ttl_seconds = 1 + random.below(5)
  if ('token' in changed && !random.once(3))
    changed.token = known.tokens[random.below(known.tokens.length)] ?? changed.token
  return changed
}
