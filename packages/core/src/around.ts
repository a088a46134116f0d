import type { Guard } from './guard.ts'
import type { AnyInstrument } from './instrument.ts'
import type { ObservedExchange } from './observed.ts'

/**
 * Runs `next` inside of the `around` hooks, outermost first, and settles as `next` does.
 *
 * A hook that throws before it called `next`, or never calls it, is left out; one that fails or hangs after `next`
 * has settled is not waited for. Only one that hangs before it calls `next` can hold the request.
 */
export function runAround(x: ObservedExchange, next: () => Promise<void>): Promise<void> {
  const { instruments, guard } = x.observer
  const { states } = x
  const runFrom = (index: number): Promise<void> => {
    const instrument = instruments[index]
    if (instrument === undefined) return next()
    if (instrument.around === undefined || states[index] === failed) return runFrom(index + 1)
    return runOne(instrument, states[index], x, guard, () => runFrom(index + 1))
  }
  return runFrom(0)
}

/** Stands for the state of an instrument whose `start` failed. */
export const failed: unique symbol = Symbol('failed')

function runOne(
  instrument: AnyInstrument,
  state: unknown,
  x: ObservedExchange,
  guard: Guard,
  next: () => Promise<void>,
): Promise<void> {
  return new Promise((resolve) => {
    let inner: Promise<void> | undefined
    const once = (): Promise<void> => {
      if (inner === undefined) {
        inner = next()
        // The outer promise takes over the fate of the inner one as soon as that is known.
        inner.then(settle, settle)
      }
      return inner
    }
    const settle = (): void => resolve(once())
    // What `next` rejected with is the app's own error, however far the hook lets it through.
    const report = (error: unknown): Promise<void> =>
      (inner ?? Promise.resolve()).then(
        () => guard.report(instrument, 'around', error),
        (own) => {
          if (own !== error) guard.report(instrument, 'around', error)
        },
      )
    try {
      Promise.resolve(instrument.around?.(x, state, once)).then(settle, (error: unknown) => {
        void report(error)
        settle()
      })
    } catch (error) {
      void report(error)
      settle()
    }
  })
}
