import type { Denial } from './denial.ts'
import type { ApiKeysOptions } from './options.ts'

/** The user's hooks, all there and unable to fail a request. */
export interface Hooks<Role extends string> {
  readonly onVerified: NonNullable<ApiKeysOptions<Role>['onVerified']>
  readonly onFailure: (denial: Denial) => void
  readonly onCache: (outcome: 'hit' | 'miss') => void
  readonly onHashed: (seconds: number) => void
  readonly onError: (error: unknown) => void
}

/** Wraps the hooks that were given; what one throws goes to `onError`. */
export function guardedHooks<Role extends string>(options: ApiKeysOptions<Role>): Hooks<Role> {
  const onError = (error: unknown): void => {
    try {
      options.onError?.(error)
    } catch {
      // Nobody is left to tell.
    }
  }
  const guard =
    <T>(hook: ((value: T) => void) | undefined) =>
    (value: T): void => {
      try {
        hook?.(value)
      } catch (error) {
        onError(error)
      }
    }
  return {
    onVerified: guard(options.onVerified),
    onFailure: guard(options.onFailure),
    onCache: guard(options.onCache),
    onHashed: guard(options.onHashed),
    onError,
  }
}
