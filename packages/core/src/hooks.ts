import { failed } from './around.ts'
import type { AnyInstrument } from './instrument.ts'
import { noStates, type ObservedExchange } from './observed.ts'

/** To be called once, when the handler is done. `answered` is false when its error went through to the server. */
export type Answered = (x: ObservedExchange, answered: boolean) => void

/** Calls every `start` and keeps the states in `x`. Never throws. */
export function startAll(x: ObservedExchange): void {
  const { instruments, guard } = x.observer
  for (let i = 0; i < instruments.length; i++) {
    const instrument = instruments[i] as AnyInstrument
    if (instrument.start === undefined) continue
    try {
      const state: unknown = instrument.start(x)
      if (state === undefined) continue
      keepState(x, i, state)
      guard.watch(instrument, 'start', state)
    } catch (error) {
      keepState(x, i, failed)
      guard.report(instrument, 'start', error)
    }
  }
}

/** Most instruments keep no state, so most exchanges need no list of them. */
function keepState(x: ObservedExchange, index: number, state: unknown): void {
  if (x.states === noStates) x.states = new Array(x.observer.instruments.length)
  x.states[index] = state
}

/** Calls every `respond` whose instrument's `start` succeeded. Never throws. */
export function respondAll(x: ObservedExchange): void {
  const { instruments, guard } = x.observer
  const { states } = x
  for (let i = 0; i < instruments.length; i++) {
    const instrument = instruments[i] as AnyInstrument
    if (instrument.respond === undefined || states[i] === failed) continue
    try {
      const returned: unknown = instrument.respond(x, states[i])
      if (returned !== undefined) guard.watch(instrument, 'respond', returned)
    } catch (error) {
      guard.report(instrument, 'respond', error)
    }
  }
}

/**
 * Ends `x` at `now`, milliseconds of the observer's clock: calls every `end`. To be called once. Never throws.
 *
 * It repeats the loop of `respondAll`, as a hook that is looked up by a variable name costs more than the rest of it.
 */
export function endAll(x: ObservedExchange, now: number): void {
  x.durationMs = now - x.startedAt
  if (x.ttfbMs === 0) x.ttfbMs = x.durationMs
  if (x.outcome === 'ok' && x.error !== undefined && x.status >= 500) x.outcome = 'error'
  const { instruments, guard } = x.observer
  const { states } = x
  for (let i = 0; i < instruments.length; i++) {
    const instrument = instruments[i] as AnyInstrument
    if (instrument.end === undefined || states[i] === failed) continue
    try {
      const returned: unknown = instrument.end(x, states[i])
      if (returned !== undefined) guard.watch(instrument, 'end', returned)
    } catch (error) {
      guard.report(instrument, 'end', error)
    }
  }
}
