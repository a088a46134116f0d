/** Finds the slot of a combination's number. */
export interface Slots {
  /** -1 for none. */
  get(index: number): number
  set(index: number, slot: number): void
}

/** Numbers below this are found by an array access, which may take 256 KB at most; the rest are in a map. */
const nearLimit = 65_536

/** Makes an empty lookup. */
export function createSlots(): Slots {
  let near = new Int32Array(16).fill(-1)
  const far = new Map<number, number>()
  return {
    get: (index) => (index < near.length ? (near[index] as number) : (far.get(index) ?? -1)),
    set(index, slot) {
      if (index >= nearLimit) {
        far.set(index, slot)
        return
      }
      if (index >= near.length) {
        const larger = new Int32Array(Math.min(nearLimit, Math.max(index + 1, near.length * 2))).fill(-1)
        larger.set(near)
        near = larger
      }
      near[index] = slot
    },
  }
}
