import { currentScope } from '@honoscope/core'
import type { Span } from '@opentelemetry/api'
import { type Database, isRollback, type Work } from './drizzle.ts'
import { failureOf } from './failure.ts'
import { isThenable } from './guard.ts'
import { isTraced, type Observer } from './observer.ts'
import { blockSpanOptions, endSpan, writeFailure } from './span.ts'

/** A transaction or savepoint that is to be run. */
export interface Block {
  readonly operation: 'transaction' | 'savepoint'
  /** Has the driver begin it, and call what it is given within. */
  readonly begin: (work: Work) => Promise<unknown>
  /** The user's. */
  readonly work: Work
  /** Returns the observed form of what the driver hands to its callback. */
  readonly observe: (tx: Database) => Database
}

/**
 * Runs a block in a span that is current meanwhile, so that the spans of its statements are its children.
 * What the driver sends for the block itself (begin, commit, savepoint) has no spans of its own.
 */
export function observeBlock(observer: Observer, block: Block): Promise<unknown> {
  const { tracer, guard, system } = observer
  if (tracer === undefined || !isTraced(observer, currentScope())) return runBlock(observer, block, undefined)
  const options = blockSpanOptions(block.operation, system)
  return guard.within<Span, Promise<unknown>>(
    (inner) => tracer.startActiveSpan(`db.${block.operation}`, options, inner),
    (span) => runBlock(observer, block, span),
  )
}

async function runBlock(observer: Observer, block: Block, span: Span | undefined): Promise<unknown> {
  const { guard } = observer
  let thrown: { readonly error: unknown } | undefined
  const work: Work = (raw) => {
    const tx = guard.run('statement', block.observe, raw, undefined, undefined) ?? raw
    const returned = block.work(tx)
    // Whatever else it is, the driver knows what to do with it.
    if (!isThenable(returned)) return returned
    return awaited(returned, (error) => {
      thrown = { error }
    })
  }
  try {
    const result = await block.begin(work)
    if (span !== undefined) endBlock(observer, span, committed, undefined)
    return result
  } catch (error) {
    // The statement that failed has been counted; here it is about begin, commit and rollback.
    if (thrown?.error !== error) guard.run('metrics', countFailure, observer, error, undefined)
    if (span !== undefined) endBlock(observer, span, rolledBack, error)
    throw error
  }
}

/** Awaits once, as the driver would: what is awaited may be a builder, which runs its query each time. */
async function awaited(returned: PromiseLike<unknown>, onError: (error: unknown) => void): Promise<unknown> {
  try {
    return await returned
  } catch (error) {
    onError(error)
    throw error
  }
}

function countFailure({ metrics }: Observer, error: unknown): void {
  metrics?.failed('transaction', failureOf(error).class)
}

function endBlock(
  { guard }: Observer,
  span: Span,
  describe: (span: Span, error: unknown) => void,
  error: unknown,
): void {
  guard.run('span', describe, span, error, undefined)
  endSpan(guard, span)
}

const outcome = 'db.transaction.outcome'

const committed = (span: Span): void => void span.setAttribute(outcome, 'commit')

function rolledBack(span: Span, error: unknown): void {
  span.setAttribute(outcome, 'rollback')
  // `tx.rollback()` is no failure.
  if (!isRollback(error)) writeFailure(span, error)
}
