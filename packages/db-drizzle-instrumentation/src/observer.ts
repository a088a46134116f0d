import { type ActiveSpan, currentScope, type Scope } from '@honoscope/core'
import type { Span } from '@opentelemetry/api'
import { type CountRun, createRunCounter } from './events.ts'
import { failureOf } from './failure.ts'
import { createGuard, type Guard } from './guard.ts'
import type { QueryRecorder } from './metrics.ts'
import type { Settings } from './options.ts'
import { rowsOf } from './rows.ts'
import { createShapes, type ShapeOf } from './shape.ts'
import { activeSpanOf, endSpan, querySpanOptions, writeFailure, writeRows } from './span.ts'

/** What all statements of one instrumented database share. */
export interface Observer extends Settings {
  readonly guard: Guard
  readonly shapeOf: ShapeOf
  readonly countRun: CountRun
}

/** One prepared statement. */
export interface Statement {
  /** As Drizzle sends it. */
  readonly text: string
  readonly command: string
  readonly table: string
  /** Whether Drizzle makes objects of the rows. */
  readonly isMapped: boolean
  readonly recorder: QueryRecorder | undefined
}

/** One run of a statement, while it lasts. */
export interface Run {
  readonly statement: Statement
  /** What the query was asked for in. */
  readonly scope: Scope | undefined
  readonly span: Span | undefined
  readonly startedAt: number
}

/** Makes the observer of one instrumented database. */
export function createObserver(settings: Settings): Observer {
  return {
    ...settings,
    guard: createGuard(settings.onFault),
    shapeOf: createShapes(),
    countRun: createRunCounter(),
  }
}

/** A query begins. Throws what a sink throws. */
export function beginRun(observer: Observer, statement: Statement): Run {
  const scope = currentScope()
  const span = isTraced(observer, scope)
    ? observer.guard.run('span', startSpan, observer, statement, undefined)
    : undefined
  return { statement, scope, span, startedAt: observer.clock() }
}

/** Whether a span is wanted: under one that is not recorded none is made. */
export function isTraced({ tracer, rootSpans }: Observer, scope: Scope | undefined): boolean {
  if (tracer === undefined) return false
  const span = scope?.span
  return span === undefined ? rootSpans : (span.recorded ?? span.sampled)
}

function startSpan(observer: Observer, { text, command, table }: Statement): Span | undefined {
  const shape = observer.shapeOf(text)
  const options = querySpanOptions(shape, command, table, observer.system, observer.captureStatement)
  const span = observer.tracer?.startSpan(`db.${command}`, options)
  // Nothing comes of one that is not recorded, as of a tracer that is off.
  return span?.isRecording() ? span : undefined
}

/** A query is done: `outcome` is its result, or its error. Never throws. */
export function endRun(observer: Observer, run: Run, failed: boolean, outcome: unknown): void {
  const { guard } = observer
  const { span, scope, statement } = run
  const durationMs = guard.run('metrics', elapsed, observer, run, undefined) ?? 0
  const own = span && guard.run('span', activeSpanOf, span, undefined, undefined)
  guard.run('metrics', record, run, durationMs, own)
  if (failed) guard.run('metrics', recordFailure, observer, statement, outcome)
  if (scope?.exchange !== undefined) guard.run('metrics', addWork, scope, durationMs, undefined)
  if (span !== undefined) {
    if (failed) guard.run('span', writeFailure, span, outcome, undefined)
    else guard.run('span', describe, span, statement, outcome)
    endSpan(guard, span)
  }
  if (observer.onSlowQuery !== undefined && durationMs >= observer.slowQueryMs) {
    guard.run('event', tellSlow, observer, run, { durationMs, failed, span: own ?? scope?.span })
  }
  if (observer.onNPlusOne !== undefined && scope?.exchange !== undefined) {
    guard.run('event', tellNPlusOne, observer, run, undefined)
  }
}

const elapsed = ({ clock }: Observer, { startedAt }: Run): number => clock() - startedAt

function record({ statement }: Run, durationMs: number, own: ActiveSpan | undefined): void {
  statement.recorder?.(durationMs, own?.sampled === true ? own : undefined)
}

function recordFailure({ metrics }: Observer, { command }: Statement, error: unknown): void {
  metrics?.failed(command, failureOf(error).class)
}

function addWork({ exchange }: Scope, durationMs: number): void {
  exchange?.addWork('db', durationMs)
}

function describe(span: Span, { command, isMapped }: Statement, result: unknown): void {
  writeRows(span, rowsOf(result, command, isMapped))
}

interface Slow {
  readonly durationMs: number
  readonly failed: boolean
  readonly span: ActiveSpan | undefined
}

function tellSlow(observer: Observer, { statement, scope }: Run, slow: Slow): void {
  const route = scope?.exchange?.route
  observer.guard.tell(observer.onSlowQuery, { ...told(observer, statement), route, ...slow })
}

function tellNPlusOne(observer: Observer, { statement, scope }: Run): void {
  const exchange = scope?.exchange
  if (exchange === undefined) return
  const count = observer.countRun(exchange, observer.shapeOf(statement.text))
  if (count !== observer.nPlusOneCount) return
  const { route } = exchange
  observer.guard.tell(observer.onNPlusOne, { ...told(observer, statement), route, span: scope?.span, count })
}

function told(observer: Observer, { text, command, table }: Statement) {
  const statement = observer.captureStatement ? observer.shapeOf(text).text : undefined
  return { statement, operation: command, table }
}
