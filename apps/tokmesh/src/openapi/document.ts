/** The OpenAPI 3.1 document, made from the declared operations: what they check is what it says. */
import { httpStatusOf } from '../domain/errors.ts'
import { pathNames, pathParameters } from '../http/path.ts'
import type { AnyOperation, Operation } from '../routes/operation.ts'
import { operations } from '../routes/operations.ts'
import { version } from '../version.ts'
import { codeHelp } from './code-help.ts'
import { codesOf } from './codes.ts'
import { createComponents, type Json, type ToSchema } from './components.ts'
import { withExamples } from './examples.ts'

/** Returns the document, ready for `JSON.stringify`. */
export function openApiDocument(): Json {
  const { schemas, toSchema } = createComponents()
  const paths: Record<string, Record<string, Json>> = {}
  for (const declared of operations) {
    const template = declared.path.replace(/:(\w+)/g, '{$1}')
    paths[template] = { ...paths[template], [declared.method.toLowerCase()]: describe(declared, toSchema) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'TokMesh',
      version,
      summary: 'Sessions and their tokens, over HTTP.',
      description: about,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The node that serves this document.' }],
    tags,
    paths: withExamples(paths, schemas),
    components: { schemas: { ...schemas, ErrorCode: errorCode }, headers, securitySchemes },
  }
}

const about = [
  'Every answer but those of the plain probes and of `/metrics` is an envelope: `code`, `message`, `request_id`,',
  '`timestamp`, and `data`, or `details` with an error. Programs look at `code`; the message is for people.',
  'Writes that carry `X-Timestamp` (Unix ms) and `X-Nonce` are taken once by a node.',
  'Every path also answers `HEAD` where it answers `GET`.',
].join(' ')

const tags = [
  { name: 'Sessions', description: 'Make, read, prolong and revoke sessions.' },
  { name: 'Tokens', description: 'Ask whether a token is good.' },
  { name: 'Keys', description: 'API keys. Admin keys only.' },
  { name: 'Administration', description: 'Look after the service. Admin keys only.' },
  { name: 'Probes', description: 'For orchestrators and Prometheus.' },
  { name: 'Documentation', description: 'This document.' },
]

const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: '<key_id>:<key_secret>',
    description: 'An API key: its id, a colon and its secret.',
  },
  header: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same credential, without a scheme.' },
}

const headers = {
  'X-Request-ID': {
    description: 'Id of this request: the one that was sent, where it is fit, else a new one.',
    schema: { type: 'string' },
  },
  'X-Error-Code': { description: 'The same as `code`.', schema: { $ref: '#/components/schemas/ErrorCode' } },
  'Retry-After': { description: 'Seconds to wait before another try.', schema: { type: 'integer', minimum: 1 } },
}

const errorCode = { type: 'string', enum: Object.keys(httpStatusOf), description: 'Every code that is ever sent.' }

/** The fields that every envelope has. */
const common = {
  request_id: { type: 'string', minLength: 1, description: 'The same as the header `X-Request-ID`.' },
  timestamp: { type: 'integer', description: 'Server time, Unix ms.' },
}

const envelope = (properties: Json, ...more: readonly string[]): Json => ({
  type: 'object',
  properties: { ...properties, ...common },
  required: ['code', 'message', 'request_id', 'timestamp', ...more],
  additionalProperties: false,
})

const success = (data: Json) => envelope({ code: { const: 'OK' }, message: { const: 'Success' }, data }, 'data')

const failure = (codes: readonly string[]) =>
  envelope({
    code: { type: 'string', enum: codes },
    message: { type: 'string', description: 'For people.' },
    details: { type: 'object', description: 'Hints for programs.' },
  })

const headerRefs = (...names: readonly (keyof typeof headers)[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

function describe(declared: AnyOperation, toSchema: ToSchema): Json {
  const { id, tag, summary, description, roles } = declared
  const who = roles.length > 0 ? `Roles: ${roles.join(', ')}.` : ''
  const parameters = [...pathParametersOf(declared), ...queryParametersOf(declared), ...replayHeadersOf(declared)]
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [description, who].filter(Boolean).join('\n\n') || summary,
    security: roles.length > 0 ? [{ bearer: [] }, { header: [] }] : [],
    ...(parameters.length > 0 && { parameters }),
    ...(!('answers' in declared) && declared.body && { requestBody: requestBody(declared, toSchema) }),
    responses: { ...successes(declared, toSchema), ...failures(declared) },
  }
}

function pathParametersOf(declared: AnyOperation): readonly Json[] {
  return pathNames(declared.path).map((name) => {
    const { description, schema } = pathParameters[name]
    return { name, in: 'path', required: true, description, schema }
  })
}

function queryParametersOf(declared: AnyOperation): readonly Json[] {
  if ('answers' in declared) return []
  return Object.entries(declared.query ?? {}).map(([name, { description, schema }]) => {
    return { name, in: 'query', description, schema }
  })
}

function replayHeadersOf(declared: AnyOperation): readonly Json[] {
  if ('answers' in declared || !declared.replay) return []
  const [timestamp, nonce] = ['Unix ms, close to now. Needs `X-Nonce`.', 'Never used before. Needs `X-Timestamp`.']
  return [
    { name: 'X-Timestamp', in: 'header', description: timestamp, schema: { type: 'string', pattern: '^\\d+$' } },
    { name: 'X-Nonce', in: 'header', description: nonce, schema: { type: 'string', minLength: 1, maxLength: 256 } },
  ]
}

function requestBody({ body, required = [] }: Operation, toSchema: ToSchema): Json {
  const schema = body ? toSchema(body) : {}
  const needed = required.length > 0
  return {
    required: needed,
    content: { 'application/json': { schema: { ...schema, ...(needed && { required: [...required] }) } } },
  }
}

function successes(declared: AnyOperation, toSchema: ToSchema): Json {
  if ('answers' in declared) {
    const entries = Object.entries(declared.answers).map(([status, { description, content }]) => {
      return [status, { description, headers: headerRefs('X-Request-ID'), content }]
    })
    return Object.fromEntries(entries)
  }
  const schema = success(toSchema(declared.data))
  const answer = { headers: headerRefs('X-Request-ID'), content: { 'application/json': { schema } } }
  return { [declared.status ?? 200]: { description: 'Success.', ...answer } }
}

/** One answer for each status, with the codes that it may have. */
function failures(declared: AnyOperation): Json {
  const all = codesOf(declared)
  const statuses = [...new Set(all.map((code) => httpStatusOf[code]))].sort()
  const entries = statuses.map((status) => {
    const codes = all.filter((code) => httpStatusOf[code] === status)
    const retry = codes.some((code) => /429|4091/.test(code)) ? (['Retry-After'] as const) : []
    const answer = {
      description: codes.map((code) => `\`${code}\`: ${codeHelp[code].meaning}`).join('\n\n'),
      headers: headerRefs('X-Request-ID', 'X-Error-Code', ...retry),
      content: { 'application/json': { schema: failure(codes) } },
    }
    return [status, answer]
  })
  return Object.fromEntries(entries)
}
