/** Query parameters, declared: each says what text it takes, for the document, and makes a value of it. */
import { isStorable } from '../domain/rules.ts'
import type { AppContext } from '../http/env.ts'
import { badArgument } from '../http/fields.ts'

/** One query parameter. */
export interface Parameter<T = unknown, Fallback extends T | undefined = T | undefined> {
  readonly description: string
  /** JSON Schema of the value as it is written in a URL. */
  readonly schema: object
  /** The value of a text. Throws a sentence that the name is put before, e.g. `has to be …`. */
  readonly parse: (text: string) => T
  /** The value when the parameter is absent or empty. */
  readonly fallback: Fallback
}

/** Parameters by name. */
export type ParameterMap = Readonly<Record<string, Parameter>>

/** The values of declared parameters. */
export type Values<Map extends ParameterMap> = {
  readonly [Name in keyof Map]: ReturnType<Map[Name]['parse']> | Map[Name]['fallback']
}

/** Decimal digits, within bounds; where there is no upper one, a number that is no more exact becomes {@link vast}. */
export function wholeNumber(
  description: string,
  { fallback, min, max }: { readonly fallback: number; readonly min: number; readonly max?: number },
): Parameter<number, number> {
  const range = max === undefined ? `of at least ${min}` : `from ${min} to ${max}`
  return {
    description,
    schema: { type: 'integer', minimum: min, ...(max !== undefined && { maximum: max }), default: fallback },
    parse(text) {
      const value = Number(text)
      if (/^\d+$/.test(text) && value >= min && value <= (max ?? Infinity)) return Math.min(value, vast)
      throw new SyntaxError(`has to be a whole number ${range}`)
    },
    fallback,
  }
}

/** The largest number that is still exact when it is multiplied by the size of a page. */
const vast = Math.floor(Number.MAX_SAFE_INTEGER / 100)

/** One of a list. */
export function choice<const T extends string, const Fallback extends T | undefined = undefined>(
  description: string,
  values: readonly T[],
  fallback?: Fallback,
): Parameter<T, Fallback> {
  return {
    description,
    schema: { type: 'string', enum: values, ...(fallback !== undefined && { default: fallback }) },
    parse(text) {
      const found = values.find((value) => value === text)
      if (found !== undefined) return found
      throw new SyntaxError(`has to be one of ${values.join(', ')}`)
    },
    fallback: fallback as Fallback,
  }
}

/** Any text. */
export function text(description: string): Parameter<string, undefined> {
  return parsed(description, { type: 'string' }, (value) => value)
}

/** A text that `parse` makes a value of; it throws a `SyntaxError` that says what the text has to be. */
export function parsed<T>(description: string, schema: object, parse: (text: string) => T): Parameter<T, undefined> {
  return { description, schema, parse, fallback: undefined }
}

/** `page`, counting from 1. */
export const page: Parameter<number, number> = wholeNumber('Page, counted from 1.', { fallback: 1, min: 1 })

/** `size` of a page. */
export const size: Parameter<number, number> = wholeNumber('Items on a page.', { fallback: 20, min: 1, max: 100 })

/** The values of the declared parameters of a request. Throws `TM-ARG-1001` for the first that is wrong or repeated. */
export function readQuery<Map extends ParameterMap>(c: AppContext, declared: Map): Values<Map> {
  const given = queryOf(c.req.url)
  const values: Record<string, unknown> = {}
  for (const [name, parameter] of Object.entries(declared)) {
    values[name] = readParameter(given.get(name) ?? [], name, parameter)
  }
  return values as Values<Map>
}

function readParameter(given: readonly string[], name: string, { parse, fallback }: Parameter): unknown {
  const [raw, ...more] = given
  if (more.length > 0) throw badArgument(`${name} is given more than once`)
  if (raw === undefined || raw === '') return fallback
  const value = decode(raw)
  if (value === undefined || !isStorable(value)) throw badArgument(`${name} is not valid percent-encoded text`)
  try {
    return parse(value)
  } catch (error) {
    if (error instanceof SyntaxError) throw badArgument(`${name} ${error.message}`)
    throw error
  }
}

/** Values by name, as they were sent: Hono takes broken percent-encoding for text, and here it is an error. */
function queryOf(url: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  const [, query = ''] = /\?([^#]*)/.exec(url) ?? []
  for (const pair of query.split('&')) {
    const [rawName = '', ...rest] = pair.split('=')
    const name = decode(rawName)
    if (name === undefined || name === '') continue
    const values = found.get(name) ?? []
    values.push(rest.join('='))
    found.set(name, values)
  }
  return found
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
