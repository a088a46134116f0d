/** Reading of JSON bodies, to the letter of the contract's sections 3.2 and 14. */
import type { ZodType, z } from 'zod'
import { TokMeshError } from '../domain/errors.ts'
import { isStorable } from '../domain/rules.ts'
import { isAdminPath } from './access.ts'
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

/** A reader of bodies up to `maxBytes`. */
export function createBodyReader(maxBytes: number): BodyReader {
  return async (c, schema) => {
    const bytes = await readBytes(c, maxBytes)
    if (isBlank(bytes)) return check({}, schema)
    checkMediaType(c.req.header('content-type'))
    return check(parse(bytes), schema)
  }
}

async function readBytes(c: AppContext, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () => {
    const code = isAdminPath(c.req.path) ? 'TM-ADMIN-4130' : 'TM-SYS-4130'
    return new TokMeshError(code, `The body is over ${maxBytes} bytes`, { details: { limit: maxBytes } })
  }
  const declared = c.req.header('content-length')
  if (declared !== undefined && Number(declared) > maxBytes) throw tooLarge()
  try {
    // A declared length is held to by the HTTP parser, so the quick way is bounded too.
    const bytes = declared === undefined ? await readStream(c.req.raw.body, maxBytes) : await c.req.raw.arrayBuffer()
    if (bytes !== undefined) return new Uint8Array(bytes)
  } catch (cause) {
    // The client went away or broke the framing; nobody will read this answer.
    throw new TokMeshError('TM-SYS-4000', 'The body could not be read', { cause })
  }
  throw tooLarge()
}

/** Up to `maxBytes` of the stream; `undefined` where it holds more. */
async function readStream(
  stream: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  if (!stream) return new Uint8Array()
  const reader = stream.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.byteLength
    if (length > maxBytes) {
      void discard(reader, 16 * maxBytes)
      return undefined
    }
    chunks.push(part.value)
  }
  return Buffer.concat(chunks, length)
}

/**
 * Swallows what a client still sends after its refusal, so that the answer isn't lost in a reset and the
 * connection can be used again; a client that sends more than `maxBytes` is cut off.
 */
async function discard(reader: ReadableStreamDefaultReader<Uint8Array>, maxBytes: number): Promise<void> {
  try {
    let length = 0
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.byteLength
      if (length > maxBytes) return await reader.cancel()
    }
  } catch {
    // The client is gone, which is as good.
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
  if (issue?.code === 'unrecognized_keys') throw syntax('The body has an unknown field')
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

const syntax = (message: string) => new TokMeshError('TM-SYS-4000', message)

/** The object that a schema describes. */
export type BodyOf<S extends ZodType> = z.infer<S>
