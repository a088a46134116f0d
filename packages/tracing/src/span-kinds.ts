import type { Attributes, Span } from '@opentelemetry/api'
import type { RunInSpan } from './span.ts'
import { parameterise } from './span-sql.ts'

/** Work of the span. */
export type Work<T> = (span: Span) => T

/** A call of a model or a provider. */
export interface AiCall {
  /** Short and constant, e.g. `openai`: it becomes a part of the span's name. */
  readonly provider: string
  /** Short and constant, e.g. `chat`. */
  readonly operation: string
  readonly model?: string
}

/** An inference. There is no place for the prompt. */
export interface AiInference {
  readonly model: string
  readonly provider?: string
  /** Characters. */
  readonly promptLength?: number
}

/** A statement that is run. */
export interface SqlQuery {
  /** Literals are replaced by `?` before it is recorded; comments are left out. */
  readonly statement: string
  /** Default: `postgresql`. */
  readonly system?: string
}

/** Spans with the names that dashboards know. Each runs `work` as `tracing.span()` does. */
export interface SpanKinds {
  /** `ai.{provider}.{operation}` */
  ai<T>(call: AiCall, work: Work<T>): T
  /** `ai.inference` */
  aiInference<T>(inference: AiInference, work: Work<T>): T
  /** `terraform.{operation}` */
  terraform<T>(operation: string, work: Work<T>): T
  /** `agent.dispatch`; `poolId` is recorded as `agent.pool.id`. */
  agentDispatch<T>(poolId: string, work: Work<T>): T
  /** `sql.query` */
  sqlQuery<T>(query: SqlQuery, work: Work<T>): T
}

/** Makes {@link SpanKinds} of what runs work in spans. */
export function createSpanKinds(span: RunInSpan): SpanKinds {
  return {
    ai: ({ provider, operation, model }, work) =>
      span(
        `ai.${provider}.${operation}`,
        present({
          'gen_ai.provider.name': provider,
          'gen_ai.operation.name': operation,
          'gen_ai.request.model': model,
        }),
        work,
      ),
    aiInference: ({ model, provider, promptLength }, work) =>
      span(
        'ai.inference',
        present({
          component: 'ai',
          'gen_ai.request.model': model,
          'gen_ai.provider.name': provider,
          'ai.prompt.length': promptLength,
        }),
        work,
      ),
    terraform: (operation, work) => span(`terraform.${operation}`, { 'terraform.operation': operation }, work),
    agentDispatch: (poolId, work) => span('agent.dispatch', { 'agent.pool.id': poolId }, work),
    sqlQuery: ({ statement, system = 'postgresql' }, work) =>
      span(
        'sql.query',
        { component: 'database', 'db.system.name': system, 'db.query.text': parameterise(statement) },
        work,
      ),
  }
}

function present(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))
}
