/** The numbers of the changes, as they are told. */
export interface ChangeOrder {
  /**
   * Takes the number of a change that was just told. `new`: it follows on the last one, and was not known; `known`:
   * the node began later than it; `gap`: something is wrong, and the order unknown again.
   */
  take(seq: number): 'new' | 'known' | 'gap'
  /** Begins behind `seq`, which was read while the node listened already. False: what it has heard does not fit. */
  begin(seq: number): boolean
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
  /** Where it began. What is told later than it was read, and is not above this, was known. */
  let base: number | undefined
  /** What was told before it began: answers may be handled later than messages that came after them. */
  let early: { readonly first: number; readonly last: number } | undefined

  const lose = () => {
    base = undefined
    early = undefined
  }
  const takeEarly = (seq: number) => {
    if (early !== undefined && seq !== early.last + 1) {
      lose()
      return 'gap'
    }
    early = { first: early?.first ?? seq, last: seq }
    return 'known'
  }

  return {
    lose,
    isKnown: () => base !== undefined,
    applied: () => applied,
    take(seq) {
      if (base === undefined) return takeEarly(seq)
      if (seq <= base) return 'known'
      if (seq === applied + 1) {
        applied = seq
        return 'new'
      }
      lose()
      return 'gap'
    },
    begin(seq) {
      const isBehind = early !== undefined && early.last > seq
      if (early !== undefined && isBehind && early.first > seq + 1) {
        lose()
        return false
      }
      applied = early !== undefined && isBehind ? early.last : seq
      base = seq
      early = undefined
      return true
    },
  }
}
