import { runInScope } from '@honoscope/core'
import { type CurrentSpan, currentSpan } from './active-span.ts'
import { attempt } from './attempt.ts'
import type { Engine } from './engine.ts'
import { endFailed, endSpan, startRoot } from './span.ts'
import type { ExceptionDetail } from './span-error.ts'

/** Told of what detached work has thrown. */
export type OnDetachedError = (error: unknown, name: string) => void

/** Runs work that outlives the request. */
export interface Detach {
  /**
   * Runs `work` soon, in a trace of its own that links to the current span, and outside of the request: its queries
   * and calls count for no request. Returns a promise that is fulfilled when the work is done, and never rejected.
   */
  (work: () => unknown): Promise<void>
  (name: string, work: () => unknown): Promise<void>
}

/** Makes the function that detaches work. Without an engine it runs it all the same. */
export function createDetach(
  engine: Engine | undefined,
  exceptions: ExceptionDetail,
  onError: OnDetachedError | undefined,
): Detach {
  return async (first: string | (() => unknown), second?: () => unknown): Promise<void> => {
    const [name, work] = typeof first === 'function' ? ['detached', first] : [first, second as () => unknown]
    const origin = engine && currentSpan()
    // Not in this turn of the event loop: it has a response to send.
    await new Promise((resolve) => setTimeout(resolve, 0))
    const span = engine && startRoot(engine, name, { links: linksTo(origin) })
    try {
      await runInScope({ exchange: undefined, span }, work)
      if (span) endSpan(span)
    } catch (error) {
      if (span) endFailed(span, error, exceptions)
      attempt(() => onError?.(error, name))
    }
  }
}

function linksTo(origin: CurrentSpan | undefined) {
  return origin ? [{ context: origin.span.spanContext() }] : []
}
