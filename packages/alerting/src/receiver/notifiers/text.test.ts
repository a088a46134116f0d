import { expect, it } from 'vitest'
import { safeUrl } from './describe.ts'
import { cleanLine, cleanLines, clip, htmlCharacter } from './text.ts'

it('takes out controls and what turns the direction, and leaves texts from right to left', () => {
  expect(cleanLine('a\u0000b\u001b[1m\r\n\tc \u202ed\u2066\ud800 مرحبا😀')).toBe(
    'ab[1m cd� مرحبا😀'.replace('cd', 'c d'),
  )
  expect(cleanLines(' a\r\nb\rc\u2028d\u0007\te ')).toBe('a\nb\nc\nd\te')
})

it('cuts neither a character nor an entity in two', () => {
  expect(clip('abc', 3)).toBe('abc')
  expect(clip('abcd', 3)).toBe('ab…')
  expect(clip('ab😀d', 4)).toBe('ab…')
  expect(clip('<<<', 9, htmlCharacter)).toBe('&lt;&lt;…')
  expect(clip('', 5)).toBe('')
  for (const text of ['&'.repeat(99), '😀'.repeat(99), 'x'.repeat(99)])
    for (let most = 1; most < 60; most++) expect(clip(text, most, htmlCharacter).length).toBeLessThanOrEqual(most)
})

it.each([
  ['https://user:pass@example.com/a', 'https://example.com/a'],
  ['https://example.com/a|b>"(c)', 'https://example.com/a%7Cb%3E%22%28c%29'],
  ['javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['/relative', undefined],
  ['', undefined],
  [`https://example.com/${'x'.repeat(2000)}`, undefined],
])('makes of the link %s: %s', (text, shown) => expect(safeUrl(text)).toBe(shown))
