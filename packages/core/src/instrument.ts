import type { Exchange } from './exchange.ts'

/** Names of the hooks, as they stand in `honoscope_instrument_errors_total{hook}`. */
export type HookName = 'start' | 'around' | 'respond' | 'end'

/** A hook of an instrument that threw or rejected. The request went on as if the hook were not there. */
export interface Fault {
  /** `name` of the instrument. */
  readonly instrument: string
  readonly hook: HookName
  /** What was thrown. It may hold anything; don't log it without redaction. */
  readonly error: unknown
}

/**
 * A plain object of hooks. Each is optional and none can change the response, but for headers set in `respond`.
 *
 * `S` is the instrument's own state for one exchange: what `start` returns is handed to the other hooks.
 * If `start` failed, `state` is `undefined` and the other hooks are not called for that exchange.
 */
export interface Instrument<S = void> {
  /** Short and constant, in snake_case: it becomes a label value. */
  readonly name: string
  /**
   * Whether the code that answers the request must be able to tell which exchange and span it belongs to, by
   * `currentScope()`. Without it that code runs in no scope of its own. Default: false, as it costs an `AsyncLocalStorage`.
   */
  readonly scoped?: boolean
  /** The request was seen; nothing has run yet. */
  start?(x: Exchange): S
  /** Runs the rest of the chain by calling `next` once. If it doesn't, or throws before, the chain runs without it. */
  around?(x: Exchange, state: S, next: () => Promise<void>): Promise<void>
  /** The handler is done and the headers are still open. Not called when the handler's error has left the app's `onError`. */
  respond?(x: Exchange, state: S): void
  /** Last byte sent, client gone, or failed. Exactly once for each `start`. */
  end?(x: Exchange, state: S): void
  /** A hook of any instrument of this observer failed. */
  fault?(fault: Fault): void
}

/** An instrument of any state, as `observe()` takes it. */
// biome-ignore lint/suspicious/noExplicitAny: the state is the instrument's own affair; observe() only carries it.
export type AnyInstrument = Instrument<any>
