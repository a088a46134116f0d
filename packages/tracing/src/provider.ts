import * as api from '@opentelemetry/api'
import { SDK_INFO } from '@opentelemetry/core'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { type IdGenerator, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Engine } from './engine.ts'
import { createSender } from './exporter.ts'
import { platformTime } from './exporter-attempt.ts'
import { type Batch, createBatch } from './exporter-batch.ts'
import { createIds } from './ids.ts'
import { createKeep, type Keep } from './keep.ts'
import type { TracingOptions } from './options.ts'
import { createOwnEngine } from './provider-own.ts'
import { createSampling } from './sampling.ts'
import { countEvents, createTally, registerSelfMetrics, type Tally } from './self-metrics.ts'
import type { Settings } from './settings.ts'
import { RecordedSpan, type Recorder } from './span-recorded.ts'

/** Instrumentation scope of the spans: this package. */
export const scope = { name: '@honoscope/tracing', version: '0.1.0' } as const

/** Returns the SDK with these settings, or what stands in front of the user's provider. This module loads it, so it is imported when tracing is on. */
export async function createEngine(settings: Settings, options: TracingOptions): Promise<Engine> {
  if (options.provider) return createOwnEngine(options.provider, settings, scope)
  const tally = createTally()
  const batch = await startBatch(settings, options, tally)
  const keep = batch && options.keep ? startKeep(batch, options.keep, tally) : undefined
  const { decide, sampler } = createSampling(api, {
    sampler: settings.sampler,
    ratio: settings.ratio,
    rules: options.samplingRules ?? [],
    records: (parentSpanId) => keep !== undefined && (parentSpanId === undefined || keep.records(parentSpanId)),
    onDecision: (decision) => {
      tally.started[decision]++
    },
  })
  const onEnd = batch?.add ?? (() => undefined)
  const ids = createIds()
  const { generator, useTraceId } = createGenerator(ids)
  const version = SDK_INFO['telemetry.sdk.version']
  const resource = resourceFromAttributes({ 'telemetry.sdk.version': version, ...settings.resource })
  const provider = new TracerProvider({
    resource,
    sampler,
    spanLimits: settings.limits,
    idGenerator: generator,
    spanProcessors: batch ? [createProcessor(batch, keep)] : [],
  })
  return {
    api,
    tracer: provider.getTracer(scope.name, scope.version),
    propagators: settings.propagators,
    decide,
    newTraceId: ids.newTraceId,
    newSpanId: ids.newSpanId,
    useTraceId,
    startSampled: createStart({ resource, scope, limits: settings.limits, onEnd }, tally, ids.newSpanId),
    flush: async (timeoutMs) => batch?.flush(timeoutMs) ?? true,
    shutdown: async (timeoutMs) => batch?.shutdown(timeoutMs) ?? true,
  }
}

async function startBatch(settings: Settings, options: TracingOptions, tally: Tally): Promise<Batch | undefined> {
  const log = options.log ?? (() => undefined)
  // biome-ignore lint/suspicious/noConsole: the console is what was asked for
  const write = options.write ?? ((line) => console.log(line))
  const sender = await createSender(settings, write, log)
  const { batch: limits, otlp, exporter } = settings
  const exportTimeoutMs = Math.min(limits.exportTimeoutMs, exporter === 'otlp' ? otlp.timeoutMs : Infinity)
  let batch: Batch | undefined
  const observe = options.metrics
    ? registerSelfMetrics(options.metrics, tally, {
        queueSize: () => batch?.size ?? 0,
        queueCapacity: limits.maxQueueSize,
      })
    : undefined
  const events = countEvents(tally, observe, oncePerMinute(log))
  batch = sender && createBatch(sender, { ...limits, exportTimeoutMs }, events, platformTime)
  return batch
}

function startKeep(batch: Batch, options: NonNullable<TracingOptions['keep']>, tally: Tally): Keep {
  return createKeep(options, {
    forward: batch.add,
    onEnd: (end) => {
      tally.kept[end]++
    },
    now: platformTime.clock,
  })
}

function createProcessor(batch: Batch, keep: Keep | undefined): SpanProcessor {
  return {
    onStart: (span, context) => keep?.onStart(span, context),
    onEnd: (span) => (span.spanContext().traceFlags & 1 ? batch.add(span) : keep?.onEnd(span)),
    // Flushing and shutting down go by way of the batch itself.
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  }
}

/** The generator for the SDK, which can be told what the next trace id is. */
function createGenerator({ newTraceId, newSpanId }: ReturnType<typeof createIds>): {
  readonly generator: IdGenerator
  readonly useTraceId: (traceId: string) => void
} {
  let next: string | undefined
  const generateTraceId = (): string => {
    const traceId = next ?? newTraceId()
    next = undefined
    return traceId
  }
  return {
    generator: { generateTraceId, generateSpanId: newSpanId },
    useTraceId: (traceId) => {
      next = traceId
    },
  }
}

/** What makes spans that are known to be sampled. */
function createStart(recorder: Recorder, tally: Tally, newSpanId: () => string): NonNullable<Engine['startSampled']> {
  return (name, kind, traceId, parent) => {
    tally.started.sample++
    const { traceState } = parent ?? {}
    const context = {
      traceId,
      spanId: newSpanId(),
      traceFlags: api.TraceFlags.SAMPLED,
      ...(traceState && { traceState }),
    }
    return new RecordedSpan(recorder, name, kind, context, parent)
  }
}

function oncePerMinute(log: (message: string) => void): (detail: string) => void {
  let quietUntil = 0
  return (detail) => {
    if (platformTime.now() < quietUntil) return
    quietUntil = platformTime.now() + 60_000
    log(`tracing: export failed: ${detail}`)
  }
}
