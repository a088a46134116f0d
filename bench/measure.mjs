/**
 * The one way to measure and to print: subjects run in turn, in short slices of one process, so that what disturbs one
 * disturbs all, and medians are told.
 *
 * @module
 */

/** Whether this is Bun. */
export const isBun = process.versions.bun !== undefined

/** The runtime's name and version, for the head of a table. */
export const runtime = isBun ? `Bun ${process.versions.bun}` : `Node ${process.versions.node}`

/**
 * The number that was given as `--name 3`.
 *
 * @param {string} name
 * @param {number} fallback
 */
export function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`)
  const given = at < 0 ? fallback : Number(process.argv[at + 1])
  if (!Number.isInteger(given) || given < 1) throw new RangeError(`--${name} takes a whole number from 1`)
  return given
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** Milliseconds of CPU time that this process has taken, all of its threads. */
export function cpuMs() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Measures each subject once a round, in turn, and returns what was measured after the rounds of warm-up.
 *
 * @template Subject, Result
 * @param {Readonly<Record<string, Subject>>} subjects
 * @param {(subject: Subject, name: string) => Result | Promise<Result>} measure
 * @param {{ rounds: number, warmUp?: number }} options
 * @returns {Promise<Record<string, Result[]>>}
 */
export async function inTurn(subjects, measure, { rounds, warmUp = 0 }) {
  /** @type {Map<string, Result[]>} */
  const results = new Map(Object.keys(subjects).map((name) => [name, []]))
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, subject] of Object.entries(subjects)) {
      const result = await measure(subject, name)
      if (round >= 0) results.get(name)?.push(result)
    }
  }
  return Object.fromEntries(results)
}

/**
 * Nanoseconds that one call takes: of CPU, and by the clock. CPU time leaves out what other processes of the machine
 * take, so ratios are made of it; it counts every thread, so the garbage that a subject leaves is charged to it.
 *
 * @typedef {{ cpu: number, wall: number }} Cost
 */

/**
 * Returns what a call costs, on average over `calls`.
 *
 * @param {() => unknown} run may be async
 * @param {number} calls
 * @param {number} [perTurn] calls between two turns of the event loop, for what is done later; default: no turn
 * @returns {Promise<Cost>}
 */
export async function costOf(run, calls, perTurn = 0) {
  const [started, cpuStarted] = [performance.now(), cpuMs()]
  for (let i = 0; i < calls; i++) {
    const result = run()
    if (result instanceof Promise) await result
    if (perTurn > 0 && i % perTurn === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return { cpu: ((cpuMs() - cpuStarted) * 1e6) / calls, wall: ((performance.now() - started) * 1e6) / calls }
}

/**
 * Returns what a call of each subject costs, a number for each slice.
 *
 * @param {Record<string, () => unknown>} subjects may be async
 * @param {{ slices?: number, calls?: number, warmUp?: number }} options `calls` in a slice
 * @returns {Promise<Record<string, Cost[]>>}
 */
export function compare(subjects, { slices = 61, calls = 1000, warmUp = 15 } = {}) {
  return inTurn(subjects, (run) => costOf(run, calls), { rounds: slices, warmUp })
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

/**
 * Prints a line of progress, apart from the tables.
 *
 * @param {string} line
 */
export function progress(line) {
  process.stderr.write(`${line}\n`)
}
