/** The numbers of the changes, as they are told. */
export interface ChangeOrder {
  /**
   * Takes the number of a change that was just told. `new`: it follows on the last one; `known`: the node began later
   * than it; `gap`: something is wrong, and the order unknown again.
   */
  take(seq: number): 'new' | 'known' | 'gap'
  /** Begins behind `seq`, which was read while the node listened already. */
  begin(seq: number): void
  /** Whether it has begun, and all went well since. */
  isKnown(): boolean
  /** The last number that follows on without a gap; stays while the order is unknown. -1 before the first. */
  applied(): number
  /** From now on the order is unknown. */
  lose(): void
}

/** Returns an order that is unknown. It keeps three numbers. */
export function createOrder(): ChangeOrder {
  let applied = -1
  /** Where it began: what is told later than it was read, and is not above this, was known. */
  let base: number | undefined
  /** The highest number that was told while the order was unknown. */
  let early = -1

  const lose = () => {
    base = undefined
    early = -1
  }

  return {
    lose,
    isKnown: () => base !== undefined,
    applied: () => applied,
    take(seq) {
      if (base === undefined) {
        early = Math.max(early, seq)
        return 'known'
      }
      if (seq <= base) return 'known'
      if (seq === applied + 1) {
        applied = seq
        return 'new'
      }
      lose()
      return 'gap'
    },
    begin(seq) {
      // An answer may be handled later than messages that came after it: those changes were committed as well.
      base = Math.max(seq, early)
      applied = base
    },
  }
}
