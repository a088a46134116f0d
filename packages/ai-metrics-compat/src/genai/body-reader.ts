import type { UnparsedReason } from './guard.ts'
import { type JsonObject, parseObject } from './json.ts'
import { createJsonObjectSplitter } from './json-objects.ts'
import { createSseSplitter, type Splitter, type SplitterEvents } from './sse.ts'

/** How a body is put together: events, an array that grows, or one JSON value. */
export type BodyKind = 'events' | 'objects' | 'whole'

/** What a reader tells of. */
export interface ReaderEvents {
  readonly onObject: (value: JsonObject) => void
  /** The stream has said that it is over. */
  readonly onDone: () => void
  readonly onUnparsed: (reason: UnparsedReason) => void
}

/** Reads JSON objects out of bytes that may be cut anywhere, in the middle of a character too. */
export interface BodyReader {
  push(bytes: Uint8Array): void
  /** The body has ended as it should. */
  end(): void
}

/** Returns a reader that keeps at most `maxBytes` of a body or event. It keeps no reference to the bytes it is given. */
export function createBodyReader(kind: BodyKind, maxBytes: number, events: ReaderEvents): BodyReader {
  const decoder = new TextDecoder()
  const splitter = createSplitter(kind, maxBytes, {
    onUnparsed: events.onUnparsed,
    onValue(text, last) {
      if (text === '[DONE]') return events.onDone()
      const value = parseObject(text)
      if (value !== undefined) events.onObject(value)
      else events.onUnparsed(last ? 'truncated' : 'malformed')
    },
  })
  return {
    push: (bytes) => splitter.push(decoder.decode(bytes, { stream: true })),
    end() {
      splitter.push(decoder.decode())
      splitter.end()
    },
  }
}

function createSplitter(kind: BodyKind, maxBytes: number, events: SplitterEvents): Splitter {
  if (kind === 'events') return createSseSplitter(maxBytes, events)
  if (kind === 'objects') return createJsonObjectSplitter(maxBytes, events)
  return createCollector(maxBytes, events)
}

/** Gives the whole input at its end, if it is no longer than `maxCharacters`. */
function createCollector(maxCharacters: number, { onValue, onUnparsed }: SplitterEvents): Splitter {
  let text = ''
  let length = 0
  return {
    push(piece) {
      length += piece.length
      text = length > maxCharacters ? '' : text + piece
    },
    end() {
      if (length > maxCharacters) onUnparsed('too_large')
      else if (length > 0) onValue(text, false)
    },
  }
}
