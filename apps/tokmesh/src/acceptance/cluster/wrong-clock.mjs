// Loaded before all else by a node whose wall clock is to be wrong, by CLOCK_SHIFT_MS for its whole life. Its monotonic
// clock and its timers stay right, as those of a machine whose date was set wrong do.
const shiftMs = Number(process.env.CLOCK_SHIFT_MS)
const RightDate = Date
const now = () => RightDate.now() + shiftMs

globalThis.Date = class ShiftedDate extends RightDate {
  constructor(...args) {
    if (args.length === 0) super(now())
    else super(...args)
  }

  static now = now
}
