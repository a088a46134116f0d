/** A random source that a seed repeats. */
export interface Random {
  /** A whole number below `limit`. */
  below(limit: number): number
  /** True once in `times` calls, on average. */
  once(times: number): boolean
  pick<T>(from: readonly [T, ...T[]]): T
}

/** Returns a source for the seed: mulberry32, good enough to choose test cases by. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    once: (times) => below(times) === 0,
    pick: (from) => from[below(from.length)] ?? from[0],
  }
}
