import { failed } from './around.ts'
import type { AnyInstrument } from './instrument.ts'
import type { ObservedExchange } from './observed.ts'

/** Calls every `start` and keeps the states in `x`. Never throws. */
export function startAll(x: ObservedExchange): void {
  const { instruments, guard } = x.observer
  const states: unknown[] = new Array(instruments.length)
  for (let i = 0; i < states.length; i++) {
    const instrument = instruments[i] as AnyInstrument
    if (instrument.start === undefined) continue
    try {
      const state = instrument.start(x)
      states[i] = state
      if (state !== undefined) guard.watch(instrument, 'start', state)
    } catch (error) {
      states[i] = failed
      guard.report(instrument, 'start', error)
    }
  }
  x.states = states
}

/** Calls one hook of every instrument whose `start` succeeded. Never throws. */
export function callAll(hook: 'respond' | 'end', x: ObservedExchange): void {
  const { instruments, guard } = x.observer
  const { states } = x
  for (let i = 0; i < states.length; i++) {
    const instrument = instruments[i] as AnyInstrument
    if (instrument[hook] === undefined || states[i] === failed) continue
    try {
      const returned: unknown = instrument[hook](x, states[i])
      if (returned !== undefined) guard.watch(instrument, hook, returned)
    } catch (error) {
      guard.report(instrument, hook, error)
    }
  }
}

/** Ends `x` at `now`, milliseconds of the observer's clock: calls every `end`. To be called once. */
export function finish(x: ObservedExchange, now: number): void {
  x.durationMs = now - x.startedAt
  if (x.outcome === 'ok' && x.error !== undefined && x.status >= 500) x.outcome = 'error'
  callAll('end', x)
}
