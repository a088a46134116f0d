import type { Context, SpanContext } from '@opentelemetry/api'
import type { Sampler } from '@opentelemetry/sdk-trace'
import type { Api, Decision, SamplingQuestion } from './engine.ts'
import type { SamplerName, SamplingRule } from './options.ts'
import { compileRules } from './sampling-rules.ts'

/** What decides about spans, in the two forms that it is asked in. */
export interface Sampling {
  /** @see Engine.decide */
  readonly decide: (question: SamplingQuestion) => Decision
  /** For the SDK. */
  readonly sampler: Sampler
}

/** What {@link createSampling} takes. */
export interface SamplingSettings {
  readonly sampler: SamplerName
  readonly ratio: number
  readonly rules: readonly SamplingRule[]
  /** Whether an unsampled span is recorded: one that has no parent in this process, or the child of `parentSpanId`. */
  readonly records: (parentSpanId: string | undefined) => boolean
  /** Told of each decision. */
  readonly onDecision: (decision: Decision) => void
}

type Share = (traceId: string) => boolean

/** Returns the sampler of these settings. */
export function createSampling(api: Api, settings: SamplingSettings): Sampling {
  const { records, onDecision } = settings
  const isSampled = createRootSampler(settings)
  const hasRules = settings.rules.length > 0
  // The trace that a span to be recorded is started in next.
  let awaited: string | undefined

  function decideRoot(parent: SpanContext | undefined, traceId: string, method: string, route: string): Decision {
    const answer = isSampled(parent, traceId, method, route)
    if (answer === true) return 'sample'
    return answer === false && records(undefined) ? 'record' : 'drop'
  }

  function decideFor(context: Context, traceId: string, attributes: Readonly<Record<string, unknown>>): Decision {
    const parent = api.trace.getSpanContext(context)
    if (parent === undefined || !api.isSpanContextValid(parent) || parent.isRemote) {
      const of = (name: string): string => String(attributes[name] ?? '')
      return decideRoot(parent, traceId, of('http.request.method'), of('http.route'))
    }
    // A trace stays whole: whatever the sampler, a child becomes what its parent in this process is.
    if (isFlagged(parent)) return 'sample'
    return records(parent.spanId) ? 'record' : 'drop'
  }

  const results = {
    drop: { decision: api.SamplingDecision.NOT_RECORD },
    record: { decision: api.SamplingDecision.RECORD },
    sample: { decision: api.SamplingDecision.RECORD_AND_SAMPLED },
  }
  return {
    decide: (question) => {
      const { parent, traceId } = question
      // To find the route takes longer than all else here, so it is asked for only when a rule does.
      const decision = hasRules
        ? decideRoot(parent, traceId, question.method, question.route)
        : decideRoot(parent, traceId, '', '')
      // A sampled span is started, and counted, without the SDK: it need not ask again.
      if (decision === 'record') awaited = traceId
      else if (decision === 'drop') onDecision(decision)
      return decision
    },
    sampler: {
      shouldSample: (context, traceId, _name, _kind, attributes) => {
        const decision = awaited === traceId ? 'record' : decideFor(context, traceId, attributes)
        awaited = undefined
        onDecision(decision)
        return results[decision]
      },
      toString: () => `Honoscope{${settings.sampler},${settings.ratio}}`,
    },
  }
}

/** Returns what answers for spans without a parent in this process; `never` is a false that nothing can change. */
function createRootSampler(
  settings: SamplingSettings,
): (parent: SpanContext | undefined, traceId: string, method: string, route: string) => boolean | 'never' {
  const ruleOf = compileRules(settings.rules)
  const follows = settings.sampler.startsWith('parentbased_')
  const own = shareOf(settings)
  const shares = new Map<number, Share>(settings.rules.map(({ sample }) => [Number(sample), ratioOf(Number(sample))]))
  return (parent, traceId, method, route) => {
    const sample = ruleOf(method, route)
    if (sample === 'always') return true
    if (sample === 'never') return 'never'
    if (follows && parent !== undefined) return isFlagged(parent)
    return (sample === undefined ? own : (shares.get(sample) ?? own))(traceId)
  }
}

function shareOf({ sampler, ratio }: SamplingSettings): Share {
  if (sampler.endsWith('always_on')) return () => true
  if (sampler.endsWith('always_off')) return () => false
  return ratioOf(ratio)
}

/**
 * The specification's consistent probability sampling: the last 56 bits of a trace id are random and are compared with
 * a threshold, so that services with the same ratio sample the same traces. Hex digits of one case compare as numbers do.
 */
function ratioOf(ratio: number): Share {
  if (ratio === 1) return () => true
  if (ratio === 0) return () => false
  // 52 bits are what a double holds exactly; the last four make no difference.
  const threshold = `${Math.min(Math.round((1 - ratio) * 2 ** 52), 2 ** 52 - 1)
    .toString(16)
    .padStart(13, '0')}0`
  return (traceId) => traceId.slice(18) >= threshold
}

const isFlagged = (context: SpanContext): boolean => (context.traceFlags & 1) === 1
