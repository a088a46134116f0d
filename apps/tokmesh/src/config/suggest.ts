/** What somebody may have meant. */

/** The candidate nearest to `name`, where one is near enough to be a slip of the fingers; else one that ends alike. */
export function suggest(name: string, candidates: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll('-', '_')
  const wanted = plain(name)
  let [best, least]: [string | undefined, number] = [undefined, Math.max(2, Math.floor(wanted.length / 5)) + 1]
  for (const candidate of candidates) {
    const distance = editDistance(wanted, plain(candidate))
    if (distance < least) [best, least] = [candidate, distance]
  }
  const leaf = wanted.slice(wanted.lastIndexOf('.') + 1)
  return best ?? candidates.find((candidate) => leaf.length > 3 && plain(candidate).endsWith(`.${leaf}`))
}

/** Insertions, deletions and replacements that turn one into the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (letter === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
