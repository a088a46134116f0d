import { describe, expect, it } from 'vitest'
import { createLogger, describeError, serializeError } from './index.ts'

describe('serializeError', () => {
  it('tells type, message, code, stack and causes', () => {
    const cause = Object.assign(new RangeError('inner'), { code: 'E1' })
    const told = serializeError(new TypeError('outer', { cause }))
    expect(told).toMatchObject({ type: 'TypeError', message: 'outer', cause: { message: 'inner', code: 'E1' } })
    expect(told.stack).toContain('error.test')
  })

  it('tells the errors of an AggregateError, ten of them', () => {
    const errors = Array.from({ length: 12 }, (_, i) => new Error(`e${i}`))
    expect(serializeError(new AggregateError(errors, 'all')).errors).toHaveLength(10)
  })

  it.each([
    ['a text', 'gone', { type: 'string', message: 'gone' }],
    ['undefined', undefined, { type: 'undefined' }],
    ['an object that is no text', Object.create(null), { type: 'object', message: '[unreadable]' }],
  ])('takes %s that was thrown', (_, thrown, expected) => expect(serializeError(thrown)).toMatchObject(expected))

  it('ends where causes turn in a circle, or go on for ever', () => {
    const circle = new Error('a')
    circle.cause = new Error('b', { cause: circle })
    expect(serializeError(circle)).toMatchObject({ cause: { message: 'b', cause: '[circular]' } })
    let deep = new Error('0')
    for (let i = 1; i < 50; i++) deep = new Error(String(i), { cause: deep })
    expect(JSON.stringify(serializeError(deep)).match(/"message"/g)).toHaveLength(5)
  })

  it('bounds a message, and cuts no secret in two', () => {
    const { message } = serializeError(new Error(`${'x'.repeat(8180)}postgres://u:hush-hush-hush@h`))
    expect(message).toMatch(/^x+postgres:\/\/u… \(\d+ characters\)$/)
  })
})

describe('describeError', () => {
  class Named extends Error {
    override readonly name = 'Named'
  }
  const planted = 'no\n    at u1@example.com (u1:1:1)\n\n    at u1'
  it.each([
    ['an error', new Error(planted)],
    ['a class of errors', new Named(planted, { cause: new RangeError(`\n${planted}`) })],
    ['a list of errors', new AggregateError([new Error(planted)], planted)],
    ['a text', planted],
  ])('tells no message of %s', (_, error) => {
    const told = describeError(error)
    expect(JSON.stringify(told)).not.toContain('u1')
    if (error instanceof Error) expect(told.at).toEqual(expect.arrayContaining([expect.stringContaining('error.test')]))
    else expect(told).toEqual({ error: 'thrown string' })
  })

  it('is what a logger writes that must not tell messages', () => {
    const lines: string[] = []
    createLogger({ errorMessages: false, destination: (line) => lines.push(line) }).error('m', {
      e: new Error(planted),
    })
    expect(JSON.parse(lines[0] ?? '').e).toMatchObject({ error: 'Error' })
    expect(lines[0]).not.toContain('u1')
  })
})
