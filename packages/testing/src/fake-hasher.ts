import type { Hasher } from '@honoscope/api-key'

/** A {@link Hasher} that costs nothing, counts, and can be stopped half way. */
export interface FakeHasher extends Hasher {
  /** Verifications begun so far. */
  readonly runs: number
  /** Verifications begun and not done. */
  readonly running: number
  /** The greatest `running` so far. */
  readonly peak: number
  /** From now on a verification waits for `release`. */
  hold(): void
  /** Lets this many waiting verifications go, or all, and holds no longer. */
  release(count?: number): void
}

/** A hash that starts with `corrupt` makes `verify` reject. */
export function fakeHasher(): FakeHasher {
  let held = false
  let salt = 0
  const state = { runs: 0, running: 0, peak: 0 }
  const waiting: (() => void)[] = []
  return {
    digest: btoa,
    hash: async (secret) => `fake$${salt++}$${btoa(secret)}`,
    verify: async (hash, secret) => {
      state.runs++
      state.running++
      state.peak = Math.max(state.peak, state.running)
      try {
        if (held) await new Promise<void>((resolve) => waiting.push(resolve))
        if (hash.startsWith('corrupt')) throw new Error('unreadable')
        return hash.split('$')[2] === btoa(secret)
      } finally {
        state.running--
      }
    },
    get runs(): number {
      return state.runs
    },
    get running(): number {
      return state.running
    },
    get peak(): number {
      return state.peak
    },
    hold: () => {
      held = true
    },
    release: (count) => {
      if (count === undefined) held = false
      for (const resolve of waiting.splice(0, count ?? waiting.length)) resolve()
    },
  }
}
