import { describe, expect, it } from 'vitest'
import { createJsonObjectSplitter } from './json-objects.ts'
import { createSseSplitter, type Splitter, type SplitterEvents } from './sse.ts'

type Create = (maxCharacters: number, events: SplitterEvents) => Splitter

/** Returns what a splitter gives of a text that comes in pieces of each length in turn; all have to agree. */
function split(create: Create, text: string, max = 1000): readonly string[] {
  const results = Array.from({ length: Math.max(1, text.length) }, (_, index) => {
    const out: string[] = []
    const splitter = create(max, {
      onValue: (value) => out.push(value),
      onUnparsed: (reason) => out.push(`!${reason}`),
    })
    for (let at = 0; at < text.length; at += index + 1) splitter.push(text.slice(at, at + index + 1))
    splitter.push('')
    splitter.end()
    return out
  })
  for (const result of results) expect(result).toEqual(results[0])
  return results[0] ?? []
}

describe('server-sent events', () => {
  it.each([
    ['one after the other', 'data: a\n\ndata: b\n\n', ['a', 'b']],
    ['with \\r\\n', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
    ['with \\r', 'data: a\r\rdata: b\r\r', ['a', 'b']],
    ['mixed', 'data: a\r\n\ndata: b\n\r\n\r\rdata: c\n\n', ['a', 'b', 'c']],
    ['of several lines', 'data: {\ndata:  "a": 1\ndata\ndata:}\n\n', ['{\n "a": 1\n\n}']],
    ['of several lines with \\r\\n', 'data: a\r\ndata: b\r\n\r\n', ['a\nb']],
    ['without the space', 'data:a\n\n', ['a']],
    ['with comments and other fields', ': ping\n\nevent: x\nid: 1\nretry: 2\ndata: a\n: more\n\n', ['a']],
    ['with nothing in them', 'event: ping\n\n\n\n', []],
    ['with names that only begin alike', 'database: a\ndatum: b\n\n', []],
    ['whose last empty line is missing', 'data: a\n\ndata: [DONE]', ['a', '[DONE]']],
    ['none', '', []],
  ])('%s', (_name, text, expected) => {
    expect(split(createSseSplitter, text)).toEqual(expected)
  })

  it('leaves out one that is too large, by one line or by many, and goes on', () => {
    const long = 'x'.repeat(50)
    expect(split(createSseSplitter, `data: ${long}\n\ndata: b\n\n`, 40)).toEqual(['!too_large', 'b'])
    const many = `data: ${'y'.repeat(12)}\n`.repeat(5)
    expect(split(createSseSplitter, `${many}\ndata: b\n\n`, 40)).toEqual(['!too_large', 'b'])
    expect(split(createSseSplitter, `: ${long}`, 40)).toEqual(['!too_large'])
  })
})

describe('objects of an array', () => {
  it.each([
    ['pretty', '[{\n  "a": 1\n},\r\n{\n  "b": 2\n}\n]', ['{\n  "a": 1\n}', '{\n  "b": 2\n}']],
    ['nested', '[{"a":{"b":[{"c":"}"}]}},{"d":"\\"}{"}]', ['{"a":{"b":[{"c":"}"}]}}', '{"d":"\\"}{"}']],
    ['alone', '{"error":{"code":429}}', ['{"error":{"code":429}}']],
    ['cut off', '[{"a":1},{"b"', ['{"a":1}', '!truncated']],
    ['with a backslash at the end of a string', '[{"a":"\\\\"},{"b":1}]', ['{"a":"\\\\"}', '{"b":1}']],
    ['none', '[]', []],
  ])('%s', (_name, text, expected) => {
    expect(split(createJsonObjectSplitter, text)).toEqual(expected)
  })

  it('leaves out one that is too large and goes on', () => {
    const text = `[{"a":"${'x'.repeat(50)}"},{"b":1}]`
    expect(split(createJsonObjectSplitter, text, 40)).toEqual(['!too_large', '{"b":1}'])
  })
})
