import { z } from 'zod'

/** A value for `JSON.stringify`. */
export type Json = Readonly<Record<string, unknown>>

/** JSON Schema of a zod schema; the named ones in it are references to components. */
export type ToSchema = (schema: z.ZodType) => Json

/** Returns a converter, and the named schemas that it has met so far. */
export function createComponents(): { readonly schemas: Record<string, Json>; readonly toSchema: ToSchema } {
  const schemas: Record<string, Json> = {}
  const toSchema: ToSchema = (schema) => {
    const options = { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' } as const
    const { $schema: _, $defs = {}, ...rest } = withReferences(z.toJSONSchema(schema, options)) as Record<string, Json>
    for (const [name, definition] of Object.entries($defs)) schemas[name] = withoutId(definition as Json)
    if (typeof rest.id !== 'string') return rest
    schemas[rest.id] = withoutId(rest)
    return { $ref: `#/components/schemas/${rest.id}` }
  }
  return { schemas, toSchema }
}

/** The same, with zod's references to its own definitions pointing to the document's components. */
function withReferences(schema: object): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'))
}

/** Zod leaves its name for a schema in it, which has no meaning there. */
function withoutId({ id: _, ...rest }: Json): Json {
  return rest
}
