/**
 * Compares functions in one process: they run in turn, in short slices, so that what disturbs one disturbs all.
 *
 * @module
 */

/** The runtime's name and version, for the head of a table. */
export const runtime = process.versions.bun ? `Bun ${process.versions.bun}` : `Node ${process.versions.node}`

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/**
 * Returns the nanoseconds that one call of each subject takes: the median of its slices.
 *
 * @param {Record<string, () => unknown>} subjects may be async
 * @param {{ slices?: number, calls?: number, warmUp?: number }} options `calls` in a slice
 * @returns {Promise<Record<string, number>>}
 */
export async function compare(subjects, { slices = 61, calls = 1000, warmUp = 15 } = {}) {
  /** @type {Map<string, number[]>} */
  const times = new Map(Object.keys(subjects).map((name) => [name, []]))
  for (let slice = -warmUp; slice < slices; slice++) {
    for (const [name, run] of Object.entries(subjects)) {
      const started = performance.now()
      for (let i = 0; i < calls; i++) {
        const result = run()
        if (result instanceof Promise) await result
      }
      if (slice >= 0) times.get(name)?.push(((performance.now() - started) * 1e6) / calls)
    }
  }
  return Object.fromEntries([...times].map(([name, all]) => [name, median(all)]))
}

/**
 * Prints rows under a heading, as a Markdown table.
 *
 * @param {string} title
 * @param {readonly string[]} head
 * @param {readonly (readonly (string | number)[])[]} rows
 */
export function table(title, head, rows) {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  process.stdout.write(`\n### ${title} (${runtime})\n\n${lines.join('\n')}\n`)
}
