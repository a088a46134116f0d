/** Tells a read that was overtaken by a change from one that was not. */
export interface Fence {
  /** A moment: taken before a read begins. */
  mark(): number
  /** This session was changed. */
  change(id: string): void
  /** Any session may have been changed. */
  changeAll(): void
  /** Whether no change of the session was told of since the mark. */
  holds(id: string, mark: number): boolean
}

/**
 * Returns a fence. It numbers the changes and keeps the last number of each session, of `capacity` sessions; when it
 * has more it takes all for changed and begins anew, so that the reads under way are made again, once.
 */
export function createFence(capacity = 10_000): Fence {
  const changedAt = new Map<string, number>()
  let count = 0
  let allAt = 0
  const changeAll = () => {
    changedAt.clear()
    allAt = ++count
  }
  return {
    mark: () => count,
    change(id) {
      if (changedAt.size >= capacity) changeAll()
      changedAt.set(id, ++count)
    },
    changeAll,
    holds: (id, mark) => allAt <= mark && (changedAt.get(id) ?? 0) <= mark,
  }
}
