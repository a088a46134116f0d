import { failed } from './around.ts'
import type { Guard } from './guard.ts'
import type { AnyInstrument } from './instrument.ts'
import type { ObservedExchange } from './observed.ts'

/** Calls every `start` and returns the states, in the order of the instruments. Never throws. */
export function startAll(instruments: readonly AnyInstrument[], guard: Guard, x: ObservedExchange): unknown[] {
  const states: unknown[] = []
  for (const instrument of instruments) {
    let state: unknown
    try {
      state = instrument.start?.(x)
      guard.watch(instrument, 'start', state)
    } catch (error) {
      state = failed
      guard.report(instrument, 'start', error)
    }
    states.push(state)
  }
  return states
}

/** Calls one hook of every instrument whose `start` succeeded. Never throws. */
export function callAll(
  hook: 'respond' | 'end',
  instruments: readonly AnyInstrument[],
  guard: Guard,
  x: ObservedExchange,
  states: readonly unknown[],
): void {
  for (let i = 0; i < states.length; i++) {
    const instrument = instruments[i]
    if (instrument === undefined || states[i] === failed) continue
    try {
      guard.watch(instrument, hook, instrument[hook]?.(x, states[i]))
    } catch (error) {
      guard.report(instrument, hook, error)
    }
  }
}
