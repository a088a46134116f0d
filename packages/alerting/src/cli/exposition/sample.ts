/** One sample of an exposition. */
export interface Sample {
  readonly name: string
  /** Pairs as they stand, unescaped. */
  readonly labels: ReadonlyMap<string, string>
}

const nameText = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const pairText = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*(,|(?=\}))/y
// Value and timestamp; after them an exemplar, which OpenMetrics has. Nothing of it is needed.
const restText =
  /^\s+([-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|inf|infinity)|nan)(\s+-?[\d.]+)?(\s+#\s*\{.*)?\s*$/i

/** Returns the sample of a line, or `undefined` when it is none. A label that stands twice makes it none, too. */
export function parseSample(line: string): Sample | undefined {
  nameText.lastIndex = 0
  const [name] = nameText.exec(line) ?? []
  if (name === undefined) return undefined
  const labels = new Map<string, string>()
  let at = name.length
  const open = /^\s*\{/.exec(line.slice(at))
  if (open) {
    at += open[0].length
    for (;;) {
      pairText.lastIndex = at
      const pair = pairText.exec(line)
      if (!pair) break
      const [, label = '', value = ''] = pair
      if (labels.has(label)) return undefined
      labels.set(label, unescaped(value))
      at = pairText.lastIndex
    }
    const close = /^\s*\}/.exec(line.slice(at))
    if (!close) return undefined
    at += close[0].length
  }
  const rest = line.slice(at)
  return restText.test(open ? rest.replace(/^(?=\S)/, ' ') : rest) ? { name, labels } : undefined
}

const unescaped = (value: string): string =>
  value.includes('\\') ? value.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)) : value
