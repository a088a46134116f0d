/** Reading of JSON bodies, to the letter of the contract's sections 3.2 and 14. */

import { redact } from '@honoscope/logging'
import type { ZodType, z } from 'zod'
import { TokMeshError } from '../domain/errors.ts'
import { isStorable } from '../domain/rules.ts'
import { isAdminPath } from './access.ts'
import { type BodyFault, type BodyLimits, readBodyBytes } from './body-bytes.ts'
import type { AppContext } from './env.ts'

/**
 * Resolves to the body as an object of the schema's shape; `{}` for an empty one.
 *
 * Rejects, in this order, with `TM-SYS-4130` (`TM-ADMIN-4130` under `/admin/v1`) for too many bytes, then with
 * `TM-SYS-4000` for another media type, text that is not JSON, an unknown field or a wrong type.
 */
export type BodyReader = <T extends object>(c: AppContext, schema: ZodType<T>) => Promise<T>

// `ignoreBOM` keeps a byte order mark in the text, where JSON.parse refuses it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A reader of bodies within `limits`. */
export function createBodyReader(limits: BodyLimits): BodyReader {
  return async (c, schema) => {
    const bytes = await readBodyBytes(c.req.raw, limits)
    if (typeof bytes === 'string') throw refusalOf(bytes, c, limits)
    if (isBlank(bytes)) return check({}, schema)
    checkMediaType(c.req.header('content-type'))
    if ((c.req.header('content-encoding') ?? 'identity').toLowerCase() !== 'identity')
      throw syntax('The body has to be sent without a content encoding')
    return check(parse(bytes), schema)
  }
}

function refusalOf(fault: BodyFault, c: AppContext, { maxBytes }: BodyLimits): TokMeshError {
  switch (fault) {
    case 'too large': {
      const code = isAdminPath(c.req.path) ? 'TM-ADMIN-4130' : 'TM-SYS-4130'
      return new TokMeshError(code, `The body is over ${maxBytes} bytes`, { details: { limit: maxBytes } })
    }
    case 'too slow':
      // What is still on its way would be taken for the next request.
      c.header('Connection', 'close')
      return syntax('The body took too long')
    case 'broken':
      // Mostly nobody reads this answer any more.
      return syntax('The body could not be read')
  }
}

/** Whether there is nothing but JSON's white space. */
function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d)
}

function checkMediaType(header: string | undefined): void {
  const type = header?.split(';', 1)[0]?.trim().toLowerCase()
  if (type && type !== 'application/json') throw syntax('The body has to be application/json')
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch {
    throw syntax('The body is not valid JSON in UTF-8')
  }
}

function check<T extends object>(value: unknown, schema: ZodType<T>): T {
  checkTexts(value)
  const result = schema.safeParse(value)
  // What was sent is returned, not zod's copy: that one leaves out a key named `__proto__`.
  if (result.success) return value as T
  const issue = result.error.issues[0]
  if (issue?.code === 'unrecognized_keys') throw syntax(`The body has an unknown field: ${shown(issue.keys[0] ?? '')}`)
  const field = issue?.path.join('.')
  throw syntax(field ? `Wrong type of ${field}` : 'The body has to be a JSON object')
}

/**
 * Refuses texts that can't be stored, in names and values. No schema has more than two levels: what is deeper
 * has a wrong type anyway, and a body of a million brackets must not use up the stack.
 */
function checkTexts(value: unknown, levels = 2): void {
  if (typeof value === 'string') {
    if (!isStorable(value)) throw syntax('The body has text that is not valid Unicode')
  } else if (typeof value === 'object' && value !== null && levels > 0) {
    for (const [name, inner] of Object.entries(value)) {
      checkTexts(name)
      checkTexts(inner, levels - 1)
    }
  }
}

/** A name that the client chose, as it may be repeated: short, and without a secret. */
const shown = (name: string) => redact(name.length > 64 ? `${name.slice(0, 64)}…` : name)

const syntax = (message: string) => new TokMeshError('TM-SYS-4000', message)

/** The object that a schema describes. */
export type BodyOf<S extends ZodType> = z.infer<S>
