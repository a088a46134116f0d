/**
 * Chat2SQL: its metrics (`chat2sql_*`), spans and log events, and a wrapper that does all three for one query.
 *
 * @module
 */
export type {
  AiInferenceEvent,
  EventOptions,
  SecurityEvent,
  SqlQueryEvent,
  UserActionEvent,
} from '@honoscope/core/events'
export { createEventLog, type EventLog, type EventLogger, type EventLogOptions } from './chat2sql/event-log.ts'
export {
  type Chat2SqlMetrics,
  createChat2SqlMetrics,
  type QueryStatus,
  type QueryType,
  queryStatuses,
  queryTypes,
  type TimeWindow,
  timeWindows,
} from './chat2sql/metrics.ts'
export { statusOf, typeOfQuery } from './chat2sql/query.ts'
export { createTracedQuery, type TracedQuery, type TracedQueryOptions } from './chat2sql/traced-query.ts'
export {
  type AiInference,
  recordError,
  type SqlQuery,
  traceAiInference,
  traceSqlQuery,
} from './chat2sql/tracing.ts'
