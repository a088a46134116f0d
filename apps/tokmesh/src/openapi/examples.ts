/** Example bodies, made from the schemas: a field that a schema gains is in its example at once. */
import type { Json } from './components.ts'

/** Values of fields that a reader should recognise. Credentials are visibly none. */
const known: Readonly<Record<string, unknown>> = {
  session_id: 'tmss-01m80fpef2mgrs32kz3b1cmtqj',
  user_id: 'user-42',
  device_id: 'phone-1',
  token: 'tmtk_this-is-an-example-and-not-a-token-00000000',
  key_secret: 'tmas_ThisIsAnExampleAndNotASecret00000000000000',
  new_key_secret: 'tmas_ThisIsAnExampleAndNotASecret00000000000000',
  key_id: 'tmak-01m80fpe66ana6ercc8e5ky6rj',
  created_by: 'tmak-01m80fpe66ana6ercc8e5ky6rj',
  operator_id: 'tmak-01m80fpe66ana6ercc8e5ky6rj',
  node_id: 'tmnd-01m80fpe66ana6ercc8e5ky6rj',
  leader_id: 'tmnd-01m80fpe66ana6ercc8e5ky6rj',
  cluster_id: '0b7f6c3e-6f5d-4c1b-9a53-2d9d1f1c7a10',
  resource: 'session:tmss-01m80fpef2mgrs32kz3b1cmtqj',
  request_id: 'req-Zl8wq0c2T4mJx7v9B1nD5g',
  timestamp: 1795319994083,
  expires_at: 1795327194083,
  new_expires_at: 1795327194083,
  old_secret_valid_until: 1795323594083,
  ttl_seconds: 7200,
  rate_limit: 1000,
  ip_address: '192.0.2.7',
  client_ip: '192.0.2.7',
  last_access_ip: '192.0.2.7',
  tcp_remote_ip: '192.0.2.1',
  allowedlist: ['192.0.2.0/24'],
  user_agent: 'Mozilla/5.0',
  last_access_ua: 'Mozilla/5.0',
  address: '192.0.2.10:5080',
  version: '0.1.0',
  description: 'Checkout service',
  data: { theme: 'dark' },
  cluster_state_reasons: [],
  role: 'issuer',
  storage: 'ok',
  size: 20,
  total: 1,
  total_items: 1,
  uptime_seconds: 86400,
  total_sessions: 1200,
  active_sessions: 1150,
  memory_usage_mb: 210.5,
  current_qps: 840.2,
  sessions_count: 1200,
  vnodes: 256,
  cleaned_count: 50,
  duration_ms: 12,
  freed_memory_mb: 1.5,
  latency_ms: 0.4,
  revoked_count: 3,
  // Not in every answer.
  warning: undefined,
  message: undefined,
}

type Schemas = Readonly<Record<string, Json>>

/** The paths with an example of every JSON body that is sent, or answered with success, and of every path parameter. */
export function withExamples(paths: Readonly<Record<string, Record<string, Json>>>, schemas: Schemas): Json {
  const eachValue = <T extends object>(object: T, change: (value: Json, name: string) => unknown) =>
    Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]))
  const inContent = (holder: Json) => {
    const media = holder.content as Json
    return { ...holder, content: eachValue(media, (body, type) => withExample(body, schemas, type)) }
  }
  const inResponse = (response: Json, status: string) => (status.startsWith('2') ? inContent(response) : response)
  return eachValue(paths, (methods) =>
    eachValue(methods, ({ parameters, requestBody, responses, ...rest }) => ({
      ...rest,
      ...(Array.isArray(parameters) && { parameters: parameters.map(parameterWithExample) }),
      ...(requestBody !== undefined && { requestBody: inContent(requestBody as Json) }),
      responses: eachValue(responses as Json, inResponse),
    })),
  )
}

function withExample(body: Json, schemas: Schemas, type: string): Json {
  const { properties } = body.schema as Json
  if (type !== 'application/json' || !properties) return body
  return { example: exampleOf(body.schema as Json, schemas), ...body }
}

function parameterWithExample(parameter: Json): Json {
  const example = parameter.in === 'path' ? known[String(parameter.name)] : undefined
  return example === undefined ? parameter : { ...parameter, example }
}

/** An example of what `schema` describes; `name` is the field that it is of, and `schemas` the document's components. */
function exampleOf(schema: Json, schemas: Schemas, name = ''): unknown {
  const { $ref, anyOf, oneOf, properties, items, examples, enum: values } = schema
  if (typeof $ref === 'string') return exampleOf(schemas[$ref.split('/').at(-1) ?? ''] ?? {}, schemas, name)
  if ('const' in schema) return schema.const
  if (name in known && fits(known[name], schema)) return known[name]
  if (Array.isArray(examples)) return examples[0]
  if ('default' in schema) return schema.default
  if (Array.isArray(values)) return values[0]
  for (const choices of [anyOf, oneOf]) if (Array.isArray(choices)) return exampleOf(choices[0], schemas, name)
  if (properties) {
    const required = (schema.required ?? []) as readonly string[]
    // A token of one's own is the exception.
    const entries = Object.entries(properties as Json).filter(
      ([field]) => field !== 'token' || required.includes(field),
    )
    return Object.fromEntries(entries.map(([field, inner]) => [field, exampleOf(inner as Json, schemas, field)]))
  }
  if (items) return [exampleOf(items as Json, schemas)]
  if (typeof schema.additionalProperties === 'object') {
    return { storage: exampleOf(schema.additionalProperties as Json, schemas, 'storage') }
  }
  return plain(schema)
}

/** Whether a known value is of the schema's type: the same name is a text in one place and a number in another. */
function fits(value: unknown, { type, properties, enum: values }: Json): boolean {
  if (value === undefined) return true
  if (Array.isArray(values)) return values.includes(value)
  if (type === 'integer' || type === 'number') return typeof value === 'number'
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return !properties && typeof value === 'object' && !Array.isArray(value)
  return typeof value === type
}

function plain({ type, format, minimum = 0 }: Json): unknown {
  if (format === 'date-time') return '2026-11-22T04:39:54.083Z'
  if (type === 'string') return 'text'
  if (type === 'boolean') return false
  if (type === 'integer' || type === 'number') return minimum
  return {}
}
