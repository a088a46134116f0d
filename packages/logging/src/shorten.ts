/** What of a long text remains, and the least that a field may be cut to. */
const leastKept = 64

/**
 * Returns a line of JSON with its longest fields cut until it has at most `maxLength` UTF-16 units, or all that can
 * be cut is. It is for lines that are masked already: half of a secret would not be known as one.
 */
export function shortened(line: string, maxLength: number): string {
  const fields: Record<string, unknown> = JSON.parse(line)
  const sizes = Object.entries(fields).map(([key, value]) => ({ key, size: JSON.stringify(value).length }))
  sizes.sort((a, b) => b.size - a.size)
  let excess = line.length - maxLength
  for (const { key, size } of sizes) {
    if (excess <= 0) break
    fields[key] = cut(fields[key], Math.max(leastKept, size - excess - leastKept), size)
    excess -= size - JSON.stringify(fields[key]).length
  }
  return `${JSON.stringify(fields)}\n`
}

function cut(value: unknown, length: number, size: number): unknown {
  if (size <= length) return value
  return typeof value === 'string' ? `${value.slice(0, length)}… (${value.length} characters)` : `[${size} characters]`
}
