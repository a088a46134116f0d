import type { Splitter, SplitterEvents } from './sse.ts'

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d

/**
 * Returns a splitter of a JSON array that comes piece by piece, as Google streams without `alt=sse`: it gives the text
 * of each object in it as soon as that is complete, and of a lone object too. It keeps at most `maxCharacters` of one;
 * a larger object is left out and told of as `too_large`.
 */
export function createJsonObjectSplitter(maxCharacters: number, { onValue, onUnparsed }: SplitterEvents): Splitter {
  const nesting = createNesting()
  let begun = ''
  let depth = 0
  let isTooLarge = false

  const extend = (text: string): void => {
    if (isTooLarge) return
    isTooLarge = begun.length + text.length > maxCharacters
    begun = isTooLarge ? '' : begun + text
  }
  const endObject = (): void => {
    if (isTooLarge) onUnparsed('too_large')
    else onValue(begun, false)
    begun = ''
    isTooLarge = false
  }
  return {
    push(text) {
      let start = 0
      for (let i = 0; i < text.length; i++) {
        const change = nesting(text.charCodeAt(i), depth)
        if (change === 0) continue
        if (depth === 0) start = i
        depth += change
        if (depth > 0) continue
        extend(text.slice(start, i + 1))
        endObject()
        start = i + 1
      }
      if (depth > 0) extend(text.slice(start))
    },
    end() {
      if (depth > 0) onUnparsed('truncated')
    },
  }
}

/** Returns what takes the characters of JSON one by one, and says by how much each nests. */
function createNesting(): (code: number, depth: number) => number {
  let inString = false
  let isEscaped = false
  return (code, depth) => {
    if (inString) {
      if (isEscaped) isEscaped = false
      else if (code === backslash) isEscaped = true
      else if (code === quote) inString = false
      return 0
    }
    // Strings stand in objects only; what is between objects is of no interest.
    inString = code === quote && depth > 0
    return code === openBrace ? 1 : code === closeBrace && depth > 0 ? -1 : 0
  }
}
