import { createTracing, type Tracing, type TracingOptions } from '@honoscope/tracing'
import type { Attributes } from '@opentelemetry/api'

/** What a test looks at of a span that was exported. */
export interface ExportedSpan {
  readonly name: string
  readonly kind: number
  readonly attributes: Attributes
  readonly status: { readonly code: number; readonly message?: string }
  readonly events: readonly { readonly name: string; readonly attributes?: Attributes }[]
  readonly links: readonly { readonly context: { readonly traceId: string; readonly spanId: string } }[]
  readonly parentSpanContext?: { readonly spanId: string; readonly isRemote?: boolean }
  spanContext(): { readonly traceId: string; readonly spanId: string }
}

/** Tracing that keeps what it exports. */
export interface TracingWithSink extends Tracing {
  /** Waits until `count` spans have been exported since the last call, and returns them in the order of their end. */
  exported(count?: number): Promise<ExportedSpan[]>
}

/** Returns tracing that is on, samples everything unless `options` say otherwise, and exports to a list. */
export async function createTracingWithSink(options: TracingOptions = {}): Promise<TracingWithSink> {
  let spans: ExportedSpan[] = []
  const tracing = await createTracing({
    env: {},
    exporter: {
      export: (batch, done) => {
        spans.push(...batch)
        done({ code: 0 })
      },
      shutdown: async () => undefined,
    },
    ...options,
  })
  const exported = async (count = 1): Promise<ExportedSpan[]> => {
    for (let tries = 0; spans.length < count && tries < 200; tries++) {
      await tracing.flush()
      if (spans.length < count) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const taken = spans
    spans = []
    return taken
  }
  return { ...tracing, exported }
}
