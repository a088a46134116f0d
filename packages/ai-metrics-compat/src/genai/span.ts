import type { Span, SpanOptions } from '@opentelemetry/api'
import { type ContentSink, createContentSink, keptCharacters, redactedJson } from './content.ts'
import { cancelled } from './error-type.ts'
import { inputTokens, type ResponseFacts } from './facts.ts'
import type { Attributes } from './format.ts'
import type { Guard } from './guard.ts'
import type { CheckedContent } from './options.ts'
import type { ModelRequest } from './request.ts'

/** `SpanKind.CLIENT`: of the API only its types are used. */
const clientKind = 2

/** `SpanStatusCode.ERROR` */
const errorStatus = 2

/** Returns the name of a call's span. */
export function spanName({ format, model }: ModelRequest): string {
  return model === undefined ? format.operation : `${format.operation} ${model}`
}

/** Returns what a call's span begins with, so that a sampler sees it. */
export function spanOptions(request: ModelRequest): SpanOptions {
  return {
    kind: clientKind,
    attributes: {
      'gen_ai.operation.name': request.format.operation,
      'gen_ai.provider.name': request.provider,
      ...(request.model !== undefined && { 'gen_ai.request.model': request.model }),
      'server.address': request.address,
      'server.port': request.port,
      ...(request.isStream && { 'gen_ai.request.stream': true }),
      ...request.attributes,
    },
  }
}

/** What is told of a call when it has ended. */
export interface Ended {
  readonly facts: ResponseFacts
  readonly errorType: string | undefined
  /** Seconds; `undefined` for a response that was not streamed. */
  readonly firstChunk: number | undefined
  readonly cost: number | undefined
  readonly currency: string
}

/** Describes on `span` how a call ended. */
export function describeEnd(span: Span, ended: Ended): void {
  const { facts, errorType, cost } = ended
  const { usage } = facts
  const finishReasons = facts.finishReasons.filter((reason) => reason !== undefined)
  span.setAttributes(
    defined({
      'gen_ai.response.id': facts.id,
      'gen_ai.response.model': facts.model,
      'gen_ai.response.finish_reasons': finishReasons.length === 0 ? undefined : finishReasons,
      'gen_ai.response.time_to_first_chunk': ended.firstChunk,
      'gen_ai.usage.input_tokens': inputTokens(usage),
      'gen_ai.usage.output_tokens': usage.output,
      'gen_ai.usage.cache_read.input_tokens': usage.cacheRead,
      'gen_ai.usage.cache_creation.input_tokens': usage.cacheWrite,
      'gen_ai.usage.reasoning.output_tokens': usage.reasoning,
      'gen_ai.usage.cost': cost,
      'gen_ai.usage.cost.currency': cost === undefined ? undefined : ended.currency,
      'error.type': errorType,
    }),
  )
  // Who leaves early has got what it wanted, as far as anybody knows.
  if (errorType !== undefined && errorType !== cancelled) span.setStatus({ code: errorStatus })
}

function defined(values: Readonly<Record<string, Attributes[string] | undefined>>): Attributes {
  const attributes: Attributes = {}
  for (const [name, value] of Object.entries(values)) if (value !== undefined) attributes[name] = value
  return attributes
}

/** Returns what takes the output of a model, if that is to be captured. */
export function contentSink(content: CheckedContent | undefined): ContentSink | undefined {
  return content && createContentSink(keptCharacters(content))
}

/** Puts the texts of a call on its span, redacted. */
export function describeContent(
  span: Span,
  request: ModelRequest,
  facts: ResponseFacts,
  content: CheckedContent,
  guard: Guard,
): void {
  const { system = [], messages = [] } = guard.attempt('content', request.conversation) ?? {}
  span.setAttributes(
    defined({
      'gen_ai.system_instructions': redactedJson(system, content, guard),
      'gen_ai.input.messages': redactedJson(messages, content, guard),
      'gen_ai.output.messages': redactedJson(facts.content?.messages(facts.finishReasons) ?? [], content, guard),
    }),
  )
}
