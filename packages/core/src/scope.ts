import { AsyncLocalStorage } from 'node:async_hooks'
import type { TraceContext } from './catalogue.ts'
import type { Exchange } from './exchange.ts'

/** A span that is under way, as far as packages other than the tracing one need to know it. */
export interface ActiveSpan extends TraceContext {
  /** Whether the span is recorded and will be exported: only such a one is worth an exemplar. */
  readonly sampled: boolean
  /**
   * Whether what happens below it is to be recorded: true for a sampled span, and for one that is exported only if its
   * request turns out to be worth it. Default: as `sampled`.
   */
  readonly recorded?: boolean
}

/** What a piece of work belongs to. An {@link Exchange} that is observed with a scope is one itself. */
export interface Scope {
  /** The request that the work is for; `undefined` for work in the background. */
  readonly exchange: Exchange | undefined
  /** The innermost span around the work. */
  readonly span: ActiveSpan | undefined
}

const storage = new AsyncLocalStorage<Scope | undefined>()

/**
 * Returns what the running code belongs to, `undefined` outside of every scope.
 *
 * It follows awaits, timers and callbacks as far as the runtime's `AsyncLocalStorage` does. `observe()` opens a
 * scope for each request when one of its instruments is `scoped`.
 */
export function currentScope(): Scope | undefined {
  return storage.getStore()
}

/**
 * Runs `work` in `scope` and returns what it returns. `undefined` is for work that happens to be started by a request
 * and is not part of it: a timer that is shared, a queue that is emptied.
 */
export function runInScope<T>(scope: Scope | undefined, work: () => T): T {
  return storage.run(scope, work)
}
