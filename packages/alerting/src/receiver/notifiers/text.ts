/**
 * Labels and annotations may hold anything: controls, text that turns the direction of what follows, halves of
 * characters, and a lot of it.
 */

// Bidirectional overrides and isolates can make a line read as another; texts in Arabic or Hebrew need none of them.
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu
const HALVES = /\p{Surrogate}/gu

/** Returns the text without controls but for line breaks and tabs, well-formed. */
export function cleanLines(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(UNSEEN, (it) => (it === '\n' || it === '\t' ? it : ''))
    .replace(HALVES, '\ufffd')
    .trim()
}

/** Returns the text on one line, without controls, well-formed. */
export function cleanLine(text: string): string {
  return cleanLines(text).replace(/\s+/g, ' ')
}

/**
 * Returns as much of the text as has at most `most` UTF-16 units once encoded, with an ellipsis where it was cut: never
 * within a character, nor within what `encode` makes of one.
 */
export function clip(text: string, most: number, encode: (character: string) => string = (it) => it): string {
  let result = ''
  let whole = ''
  for (const character of text) {
    const encoded = encode(character)
    if (whole.length + encoded.length > most) return `${result}…`
    whole += encoded
    if (whole.length < most) result = whole
  }
  return whole
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Encodes a character for HTML, in texts and in quoted attributes. */
export function htmlCharacter(character: string): string {
  return ENTITIES[character] ?? character
}
