import { describe, expect, it } from 'vitest'
import { createLogger, type LoggerOptions } from './index.ts'

class QueryError extends Error {
  readonly query = 'insert into users values ($1)'
  readonly params = ['hush']
  constructor() {
    super('Failed query: insert, params: hush')
    this.name = 'QueryError'
  }
}

function lineOf(message: unknown, fields: unknown, options: LoggerOptions = {}) {
  const lines: string[] = []
  const logger = createLogger({ destination: (line) => lines.push(line), ...options })
  logger.error(message as string, fields as Record<string, unknown>)
  expect(lines).toHaveLength(1)
  return { text: lines[0] ?? '', line: JSON.parse(lines[0] ?? '') }
}

const circular = (inner: unknown): unknown => {
  const made: Record<string, unknown> = { inner }
  made.self = { made, list: [made, inner] }
  return made
}
const wide = (): unknown => Object.assign(circular(0) as object, { many: Array(500).fill(new QueryError()) })

describe('an error that is not a field of its own', () => {
  const places: [string, (error: Error) => unknown][] = [
    ['in an object', (error) => ({ ctx: { error } })],
    ['in a list', (error) => ({ errors: [error] })],
    ['of allSettled', (error) => ({ settled: [{ status: 'rejected', reason: error }] })],
    ['in what refers to itself', (error) => ({ ctx: circular(error) })],
    ['given by toJSON', (error) => ({ ctx: { toJSON: () => ({ error }) } })],
    ['among many in what refers to itself', () => ({ ctx: wide() })],
    ['in place of the fields', (error) => error],
  ]

  it.each(places)('%s: is told without its message and parameters where those may not be', (_, place) => {
    const { text } = lineOf('m', place(new QueryError()), { errorMessages: false })
    expect(text).toContain('"error":"QueryError"')
    expect(text).not.toContain('hush')
    expect(text).not.toContain('insert')
  })

  it.each(places)('%s: is told like any error where they may', (_, place) => {
    const { text } = lineOf('m', place(new QueryError()))
    expect(text).toContain('"type":"QueryError","message":"Failed query')
    expect(text).not.toContain('"params"')
  })

  it('in place of the message: its name is the message, the rest a field', () => {
    const { line, text } = lineOf(new QueryError(), undefined, { errorMessages: false })
    expect(line).toMatchObject({ message: 'QueryError', error: { error: 'QueryError' } })
    expect(text).not.toContain('hush')
  })
})

it('is never more than a number of bytes, as they may be a key', () => {
  const bytes = Buffer.from('hush')
  const { line } = lineOf('m', { bytes, deep: { list: [new Uint8Array(bytes), bytes.buffer.slice(0, 3)] } })
  expect(line).toMatchObject({ bytes: '[4 bytes]', deep: { list: ['[4 bytes]', '[3 bytes]'] } })
})

it('keeps every digit of a bigint, beside a secret too', () => {
  const id = 12345678901234567890n
  const { line } = lineOf('tmtk_x', { id, negative: -id, small: 7n, deep: { id, small: 7n } })
  expect(line).toMatchObject({ id: `${id}`, negative: `-${id}`, small: 7, deep: { id: `${id}`, small: 7 } })
})

it('leaves everything else as JSON has it', () => {
  const fields = {
    date: new Date(0),
    url: new URL('http://h/'),
    list: [1, undefined, null],
    o: { f() {}, b: new Map() },
  }
  const { line } = lineOf('m', fields)
  expect(line).toMatchObject(JSON.parse(JSON.stringify(fields)))
  expect(lineOf('m', { ctx: circular(1) }).line.ctx).toEqual({
    inner: 1,
    self: { made: '[Circular]', list: ['[Circular]', 1] },
  })
  expect(lineOf(Object.create(null), {}).line.message).toBe('[unreadable]')
})
