/** TypeScript of an OpenAPI document: the types of TokMesh's operations, and what a client has to know to call them. */

type Json = Readonly<Record<string, unknown>>

interface Described {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly parameters?: readonly Json[]
  readonly requestBody?: Json
  readonly responses: Readonly<Record<string, Json>>
}

interface Found {
  readonly method: string
  readonly path: string
  readonly described: Described
  /** Schema of `data` in the envelope of success. */
  readonly data: Json
}

/** Returns the module's text, not yet formatted. Routes that answer without an envelope are left out. */
export function typescriptOf(document: Json): string {
  const { schemas } = document.components as { readonly schemas: Readonly<Record<string, Json>> }
  const { ErrorCode, ...shapes } = schemas
  const found = operationsOf(document)
  return [
    '/** Made from the OpenAPI document of TokMesh by `npm run generate`: what is changed here by hand is lost. */',
    `${comment(ErrorCode)}export type ErrorCode = ${typeOf(ErrorCode ?? {})}`,
    ...Object.entries(shapes).map(([name, schema]) => declaration(name, schema)),
    ...found.flatMap(typesOf),
    `/** The operations as methods; each resolves to the \`data\` of its answer. */\nexport interface Operations<Options> {\n${found.map(methodOf).join('\n')}\n}`,
    `/** What a call of each operation is made of. */\nexport const operations = {\n${found.map(entryOf).join('\n')}\n} as const`,
    '',
  ].join('\n\n')
}

function operationsOf({ paths }: Json): readonly Found[] {
  return Object.entries(paths as Record<string, Record<string, Described>>).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, described]) => {
      const success = Object.entries(described.responses).find(([status]) => status.startsWith('2'))?.[1] ?? {}
      const data = properties(contentOf(success)).data
      const isEnvelope = (properties(contentOf(success)).code as Json | undefined)?.const === 'OK'
      return isEnvelope && data ? [{ method: method.toUpperCase(), path, described, data: data as Json }] : []
    }),
  )
}

function typesOf({ described, data }: Found): readonly string[] {
  const { operationId, summary } = described
  const [name, input] = [pascal(operationId), inputOf(described)]
  const result = declaration(`${name}Result`, { description: `What \`${operationId}\` resolves to.`, ...data })
  if (!input) return [result]
  const { kind, schema } = input
  const what = kind === 'body' ? 'Fields' : 'Parameters'
  return [
    declaration(`${name}${kind === 'body' ? 'Request' : 'Query'}`, {
      description: `${what} of: ${summary}.`,
      ...schema,
    }),
    result,
  ]
}

/** What an operation takes beside its path; no operation takes fields of a body and parameters too. */
function inputOf({
  parameters = [],
  requestBody,
}: Described): { readonly kind: 'body' | 'query'; readonly schema: Json } | undefined {
  const schema = contentOf(requestBody ?? {})
  if (Object.keys(properties(schema)).length > 0) return { kind: 'body', schema }
  const query = parameters.filter((one) => one.in === 'query')
  if (query.length === 0) return undefined
  const entries = query.map(({ name, schema: inner, description }) => [name, { ...(inner as Json), description }])
  return { kind: 'query', schema: { type: 'object', properties: Object.fromEntries(entries) } }
}

function methodOf({ path, described }: Found): string {
  const { operationId, summary, description } = described
  const input = inputOf(described)
  const parameters = pathNames(path).map((name) => `${name}: string`)
  if (input) {
    const optional = (input.schema.required as readonly string[] | undefined)?.length ? '' : '?'
    parameters.push(`${input.kind}${optional}: ${pascal(operationId)}${input.kind === 'body' ? 'Request' : 'Query'}`)
  }
  parameters.push('options?: Options')
  const text = comment({ description: description === summary ? `${summary}.` : `${summary}. ${description}` })
  return `${text}${operationId}(${parameters.join(', ')}): Promise<${pascal(operationId)}Result>`
}

function entryOf({ method, path, described }: Found): string {
  const antiReplay = described.parameters?.some(({ name }) => name === 'X-Nonce') ?? false
  const entry = { method, path, input: inputOf(described)?.kind ?? 'none', antiReplay }
  return `${described.operationId}: ${JSON.stringify(entry)},`
}

function declaration(name: string, schema: Json): string {
  const isObject = schema.type === 'object' && Object.keys(properties(schema)).length > 0
  return `${comment(schema)}export ${isObject ? `interface ${name} ` : `type ${name} = `}${typeOf(schema)}`
}

function typeOf(schema: Json): string {
  const { $ref, const: constant, enum: values, oneOf, anyOf, items, type, additionalProperties } = schema
  if (typeof $ref === 'string') return $ref.split('/').at(-1) ?? ''
  if (constant !== undefined) return JSON.stringify(constant)
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ')
  const choices = oneOf ?? anyOf
  if (Array.isArray(choices)) return [...new Set(choices.map(typeOf))].join(' | ')
  if (type === 'array') return `readonly (${typeOf(items as Json)})[]`
  if (type === 'integer') return 'number'
  if (type !== 'object') return typeof type === 'string' ? type : 'unknown'
  const fields = Object.entries(properties(schema))
  if (fields.length > 0)
    return `{\n${fields.map(([name, inner]) => fieldOf(name, inner as Json, schema)).join('\n')}\n}`
  return `Readonly<Record<string, ${typeof additionalProperties === 'object' ? typeOf(additionalProperties as Json) : 'never'}>>`
}

function fieldOf(name: string, schema: Json, { required = [] }: Json): string {
  const isRequired = (required as readonly string[]).includes(name)
  return `${comment(schema)}readonly ${name}${isRequired ? '' : '?'}: ${typeOf(schema)}${isRequired ? '' : ' | undefined'}`
}

function comment(schema: Json | undefined): string {
  return typeof schema?.description === 'string' ? `/** ${schema.description.replaceAll('\n\n', ' ')} */\n` : ''
}

const contentOf = (holder: Json): Json => {
  const content = holder.content as Readonly<Record<string, { readonly schema: Json }>> | undefined
  return content?.['application/json']?.schema ?? {}
}

const properties = (schema: Json): Json => (schema.properties ?? {}) as Json

const pathNames = (path: string): readonly string[] => Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name ?? '')

const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
