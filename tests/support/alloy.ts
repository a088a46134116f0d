/** A reader of Alloy's block syntax, as far as `deploy/loki/config.alloy` uses it. */

/** What an attribute may be; a `Reference` is another component's export. */
export type Value = string | number | boolean | Reference | readonly Value[] | { readonly [name: string]: Value }

/** A name such as `loki.write.loki.receiver`. */
export class Reference {
  readonly path: string
  constructor(path: string) {
    this.path = path
  }
}

/** `name "label" { … }` */
export interface Block {
  readonly name: string
  readonly label: string | undefined
  readonly attributes: Readonly<Record<string, Value>>
  readonly blocks: readonly Block[]
}

const token = /\s+|\/\/[^\n]*|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w.]*)|([{}[\]=,])/y

/** The blocks of a file. Throws, with the place, for a text that it does not understand. */
export function readAlloy(text: string): readonly Block[] {
  const tokens = tokensOf(text)
  let at = 0
  const peek = () => tokens[at] ?? ''
  const take = (expected?: string) => {
    const next = peek()
    if (next === '' || (expected !== undefined && next !== expected))
      throw new Error(`${expected ?? 'something'} is missing before ${next || 'the end'} (token ${at})`)
    at++
    return next
  }
  const items = (close: string, item: () => void) => {
    while (peek() !== close) {
      item()
      if (peek() !== close) take(',')
    }
    take(close)
  }
  const value = (): Value => {
    const next = take()
    if (next.startsWith('"')) return JSON.parse(next)
    if (next === 'true' || next === 'false') return next === 'true'
    if (next === '[') {
      const list: Value[] = []
      items(']', () => list.push(value()))
      return list
    }
    if (next === '{') {
      const map: Record<string, Value> = {}
      items('}', () => {
        const name = take()
        take('=')
        map[name.startsWith('"') ? JSON.parse(name) : name] = value()
      })
      return map
    }
    return /^-?\d/.test(next) ? Number(next) : new Reference(next)
  }
  const body = (close: string) => {
    const attributes: Record<string, Value> = {}
    const blocks: Block[] = []
    while (peek() !== close) {
      const name = take()
      if (peek() === '=') {
        take('=')
        if (Object.hasOwn(attributes, name)) throw new Error(`${name} is there twice`)
        attributes[name] = value()
        continue
      }
      const label = peek().startsWith('"') ? JSON.parse(take()) : undefined
      take('{')
      blocks.push({ name, label, ...body('}') })
      take('}')
    }
    return { attributes, blocks }
  }
  return body('').blocks
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const from = token.lastIndex
    const found = token.exec(text)
    if (found === null) throw new Error(`not understood: ${text.slice(from, from + 30)}`)
    const [, string, number, name, mark] = found
    const it = string ?? number ?? name ?? mark
    if (it !== undefined) tokens.push(it)
  }
  return tokens
}
