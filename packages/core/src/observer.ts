import type { Clock } from './clock.ts'
import type { Guard } from './guard.ts'
import type { AnyInstrument } from './instrument.ts'
import type { RoutedApp } from './route.ts'

/** What all exchanges of one `observe()` share. */
export interface Observer {
  readonly instruments: readonly AnyInstrument[]
  readonly guard: Guard
  readonly clock: Clock
  readonly app: RoutedApp | undefined
  /** Whether any instrument has the hook: what nobody asked for is not done. */
  readonly has: { readonly around: boolean; readonly respond: boolean; readonly scope: boolean }
}
