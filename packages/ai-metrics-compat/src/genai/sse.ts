import type { UnparsedReason } from './guard.ts'

/** Splits text that comes in pieces into what it carries. */
export interface Splitter {
  push(text: string): void
  /** No more will come. */
  end(): void
}

/** What a splitter tells of. `last`: the input ended in it, so it may be cut off. */
export interface SplitterEvents {
  readonly onValue: (text: string, last: boolean) => void
  readonly onUnparsed: (reason: UnparsedReason) => void
}

/**
 * Returns a splitter of server-sent events that gives the data of each. It keeps at most `maxCharacters` of one; a
 * larger event is left out and told of as `too_large`.
 */
export function createSseSplitter(maxCharacters: number, { onValue, onUnparsed }: SplitterEvents): Splitter {
  let line = ''
  let lineLength = 0
  let data: string | undefined
  let isTooLarge = false

  const dropEvent = (): void => {
    isTooLarge = true
    line = ''
    data = undefined
  }
  const extendLine = (text: string): void => {
    lineLength += text.length
    if (isTooLarge) return
    if (lineLength > maxCharacters) dropEvent()
    else line += text
  }
  const dispatch = (last: boolean): void => {
    if (isTooLarge) onUnparsed('too_large')
    else if (data !== undefined) onValue(data, last)
    isTooLarge = false
    data = undefined
  }
  const endLine = (): void => {
    if (lineLength === 0) dispatch(false)
    const value = dataIn(line)
    if (value !== undefined) data = data === undefined ? value : `${data}\n${value}`
    if (data !== undefined && data.length > maxCharacters) dropEvent()
    line = ''
    lineLength = 0
  }
  return {
    push: createLineCutter(extendLine, endLine),
    end() {
      // Some servers leave out the empty line after their last event.
      if (lineLength > 0) endLine()
      dispatch(true)
    },
  }
}

/** Comments, `event`, `id` and `retry` carry nothing that counts here: the data says its type itself. */
function dataIn(line: string): string | undefined {
  if (line !== 'data' && !line.startsWith('data:')) return undefined
  return line.slice(line.charAt(5) === ' ' ? 6 : 5)
}

/** Cuts text at `\n`, `\r\n` and `\r`, which may come in two pieces: tells of what a line gains, and of its end. */
function createLineCutter(onText: (text: string) => void, onEnd: () => void): (text: string) => void {
  let skipsLineFeed = false
  return (text) => {
    let from = skipsLineFeed && text.startsWith('\n') ? 1 : 0
    if (text !== '') skipsLineFeed = false
    const lineEnd = /\r\n?|\n/g
    lineEnd.lastIndex = from
    for (let match = lineEnd.exec(text); match !== null; match = lineEnd.exec(text)) {
      onText(text.slice(from, match.index))
      onEnd()
      from = lineEnd.lastIndex
      skipsLineFeed = match[0] === '\r' && from === text.length
    }
    if (from < text.length) onText(text.slice(from))
  }
}
