import { sanitiseStatement } from '@honoscope/core'
import type { Attributes, Span, SpanKind, SpanStatusCode, Tracer } from '@opentelemetry/api'

// The numbers of OpenTelemetry's enums: its package is only needed for types.
const client: SpanKind.CLIENT = 2
const statusError: SpanStatusCode.ERROR = 2

/** A statement that is about to run. */
export interface SqlQuery {
  /** The span shows it with `?` in the place of each string and number, at most 2,048 characters. */
  readonly statement: string
  /** `db.system.name`. Default: `postgresql`. */
  readonly system?: string
}

/** A call of a model that is about to be made. */
export interface AiInference {
  readonly model: string
  /** `gen_ai.provider.name`, e.g. `openai`. Default: not told. */
  readonly provider?: string
  /** What is asked. The span shows its length in characters, never itself. */
  readonly prompt: string
}

/** Work inside a span; the span is `undefined` when the tracer has failed. */
type Work<T> = (span: Span | undefined) => T

/**
 * Runs `work` in the span `sql.query` and returns what it returns. The span ends when `work` has returned, or when its
 * promise has settled. What `work` throws is recorded and thrown on; what the tracer throws is not.
 *
 * @example
 * ```ts
 * import { traceSqlQuery } from '@honoscope/ai-metrics-compat/chat2sql'
 * import { trace } from '@opentelemetry/api'
 *
 * const statement = 'select count(*) from orders'
 * const run = async (sql: string): Promise<number> => sql.length
 * export const count = () => traceSqlQuery(trace.getTracer('chat2sql'), { statement }, () => run(statement))
 * ```
 */
export function traceSqlQuery<T>(tracer: Tracer, query: SqlQuery, work: Work<T>): T {
  return traced(tracer, 'sql.query', () => sqlAttributes(query), work)
}

/** Runs `work` in the span `ai.inference`, as {@link traceSqlQuery} does. */
export function traceAiInference<T>(tracer: Tracer, inference: AiInference, work: Work<T>): T {
  return traced(tracer, 'ai.inference', () => aiAttributes(inference), work)
}

/**
 * Marks a span as failed: its status, and the name of the error's type. The message is not told, as it may hold values
 * of the query or words of the prompt. Never throws.
 */
export function recordError(span: Span | undefined, error: unknown): void {
  try {
    if (span === undefined) return
    const type = typeOf(error)
    span.setAttribute('error.type', type)
    span.setStatus({ code: statusError })
    span.addEvent('exception', { 'exception.type': type })
  } catch {
    // A span that can't take it is no reason for the caller to fail.
  }
}

function sqlAttributes({ statement, system = 'postgresql' }: SqlQuery): Attributes {
  return { component: 'database', 'db.system.name': system, 'db.query.text': sanitiseStatement(statement) }
}

function aiAttributes({ model, provider, prompt }: AiInference): Attributes {
  return {
    component: 'ai',
    'gen_ai.request.model': model,
    ...(provider === undefined ? {} : { 'gen_ai.provider.name': provider }),
    'ai.prompt.length': prompt.length,
  }
}

/** What became of the work, so that the tracer's own failures can be told from it. */
type Outcome<T> = { readonly value: T } | { readonly error: unknown }

function traced<T>(tracer: Tracer, name: string, attributes: () => Attributes, work: Work<T>): T {
  let outcome: Outcome<T> | undefined
  const run = (span: Span | undefined): void => {
    outcome = attempt(work, span)
    endWith(outcome, span)
  }
  try {
    tracer.startActiveSpan(name, { kind: client, attributes: attributes() }, run)
  } catch {
    // The work goes on without a span, or is done already.
  }
  outcome ??= attempt(work, undefined)
  if ('error' in outcome) throw outcome.error
  return outcome.value
}

function attempt<T>(work: Work<T>, span: Span | undefined): Outcome<T> {
  try {
    return { value: once(work(span)) }
  } catch (error) {
    return { error }
  }
}

/** Drizzle's queries run again at each `then`, so what is no promise yet becomes one; a promise stays what it is. */
function once<T>(value: T): T {
  if (!isThenable(value)) return value
  const promise: unknown = Promise.resolve(value)
  return promise as T
}

/** Ends the span now, or when the promise that the work has returned has settled. */
function endWith<T>(outcome: Outcome<T>, span: Span | undefined): void {
  if ('error' in outcome) {
    recordError(span, outcome.error)
    end(span)
  } else if (isThenable(outcome.value)) {
    outcome.value.then(
      () => end(span),
      (error: unknown) => {
        recordError(span, error)
        end(span)
      },
    )
  } else {
    end(span)
  }
}

function end(span: Span | undefined): void {
  try {
    span?.end()
  } catch {
    // As above.
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** The name of an error's class, if it is a plain name; of anything else that was thrown, its `typeof`. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return error === null ? 'null' : typeof error
  const { name } = error.name === 'Error' ? error.constructor : error
  return /^[\w$.-]{1,64}$/.test(name) ? name : 'Error'
}
