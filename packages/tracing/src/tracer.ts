import { currentScope, runInScope } from '@honoscope/core'
import type { Context, Span, SpanOptions, Tracer } from '@opentelemetry/api'
import { CurrentSpan, contextWith, currentSpan, startSampledChild } from './active-span.ts'
import { attempt } from './attempt.ts'
import { PassiveSpan } from './context.ts'
import type { Engine } from './engine.ts'

/** Stands for every span while tracing is off: its context is invalid, as OpenTelemetry calls it. */
export const noSpan: Span = new PassiveSpan({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 })

/**
 * Returns a tracer whose spans have the current scope's span for their parent. A context that holds a span has
 * precedence; so has `root: true`. Where the current span is not recorded nothing is, and `startSpan` makes none.
 */
export function createScopedTracer(engine: Engine | undefined): Tracer {
  const startSpan = (name: string, options: SpanOptions = {}, context?: Context): Span =>
    (engine && attempt(() => startIn(engine, name, options, context))) ?? noSpan
  return {
    startSpan,
    startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: readonly unknown[]): ReturnType<F> {
      // The overloads differ in what stands between the name and the function.
      const work = rest.at(-1) as (span: Span) => ReturnType<F>
      const [options, context] = rest.slice(0, -1) as [SpanOptions?, Context?]
      const span = startSpan(name, options, context)
      return engine ? runWithSpan(engine, span, work) : work(span)
    },
  }
}

function startIn(engine: Engine, name: string, options: SpanOptions, context: Context | undefined): Span {
  const { trace, ROOT_CONTEXT } = engine.api
  const given = context && trace.getSpan(context)
  // Other instrumentation passes the context of OpenTelemetry's own manager, in which there is no span of ours.
  const parent = given || options.root ? undefined : currentSpan()
  if (parent === undefined) return engine.tracer.startSpan(name, options, context ?? ROOT_CONTEXT)
  if (parent.recording === undefined) return parent.span
  if (context) return engine.tracer.startSpan(name, options, contextWith(engine, parent.span, context))
  return startSampledChild(engine, name, options, parent) ?? engine.tracer.startSpan(name, options, parent.context)
}

function runWithSpan<T>(engine: Engine, span: Span, work: (span: Span) => T): T {
  const active = attempt(() => activate(engine, span))
  return active ? runInScope({ exchange: currentScope()?.exchange, span: active }, () => work(span)) : work(span)
}

/** `undefined` when the running code is in the scope of that span already, or of none that could be passed on. */
function activate(engine: Engine, span: Span): CurrentSpan | undefined {
  const context = span.spanContext()
  const around = currentSpan()
  if (!engine.api.isSpanContextValid(context) || context.spanId === around?.spanId) return undefined
  const isChild = context.traceId === around?.traceId
  const inbound = isChild ? around?.inbound : undefined
  return new CurrentSpan(engine, context.traceId, isChild ? (around?.random ?? true) : true, inbound, undefined, span)
}
