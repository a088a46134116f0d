/**
 * A bounded queue that is served round robin over keys, and within a key over client addresses. When it is full
 * the newest entry of the longest line goes, so whoever floods it loses entries, and nobody else.
 */
export interface FairQueue<T> {
  readonly size: number
  /** Adds to the line of `path`. The entry that had to go for it, which may be `item` itself. */
  push(path: readonly string[], item: T): T | undefined
  /** The next entry whose turn it is. */
  shift(): T | undefined
}

/** A line of entries, or of lines. `size` counts the entries below. */
interface Line<T> {
  size: number
  readonly items: T[]
  readonly lines: Map<string, Line<T>>
}

/** @see FairQueue */
export function createFairQueue<T>(capacity: number): FairQueue<T> {
  const root = createLine<T>()
  return {
    get size(): number {
      return root.size
    },
    push: (path, item) => {
      append(root, path, item)
      return root.size > capacity ? dropFromLongest(root) : undefined
    },
    shift: () => (root.size > 0 ? takeInTurn(root) : undefined),
  }
}

function createLine<T>(): Line<T> {
  return { size: 0, items: [], lines: new Map() }
}

function append<T>(line: Line<T>, [name, ...rest]: readonly string[], item: T): void {
  line.size++
  if (name === undefined) {
    line.items.push(item)
    return
  }
  const next = line.lines.get(name) ?? createLine()
  line.lines.set(name, next)
  append(next, rest, item)
}

function takeInTurn<T>(line: Line<T>): T | undefined {
  line.size--
  for (const [name, next] of line.lines) {
    // To the end of the turn: a Map keeps the order of insertion.
    line.lines.delete(name)
    const item = takeInTurn(next)
    if (next.size > 0) line.lines.set(name, next)
    return item
  }
  return line.items.shift()
}

function dropFromLongest<T>(line: Line<T>): T | undefined {
  line.size--
  let longest: [string, Line<T>] | undefined
  // Of equally long lines the last one: its turn is furthest away.
  for (const entry of line.lines) if (!longest || entry[1].size >= longest[1].size) longest = entry
  if (!longest) return line.items.pop()
  const item = dropFromLongest(longest[1])
  if (longest[1].size === 0) line.lines.delete(longest[0])
  return item
}
