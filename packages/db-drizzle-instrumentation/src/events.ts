import type { ActiveSpan, Exchange } from '@honoscope/core'
import type { Shape } from './shape.ts'

/** What every event tells of its query. No parameter is in it. */
export interface QueryEvent {
  /** Without values, at most 2,048 characters; `undefined` with `captureStatement: false`. */
  readonly statement: string | undefined
  /** The command in lower case, e.g. `select`. */
  readonly operation: string
  /** `unknown` where Drizzle does not know it. */
  readonly table: string
  /** Template of the request's route; `undefined` outside of a request. */
  readonly route: string | undefined
  /** The span to look at; `undefined` where there is none. */
  readonly span: ActiveSpan | undefined
}

/** A query that took long. `span` is its own, or else the one around it. */
export interface SlowQuery extends QueryEvent {
  readonly durationMs: number
  /** Whether it failed in the end. */
  readonly failed: boolean
}

/** A statement that one request runs again and again. `span` is the one around the query that made it so many. */
export interface NPlusOne extends QueryEvent {
  /** How often the request has run it so far. */
  readonly count: number
}

/** Statements that are told apart within one request. */
const maxShapes = 100

/** Counts the runs of a shape within an exchange. */
export type CountRun = (exchange: Exchange, shape: Shape) => number

/** Makes a counter that forgets an exchange with its last reference. Shapes past the hundredth of an exchange count as 0. */
export function createRunCounter(): CountRun {
  const runs = new WeakMap<Exchange, Map<Shape, number>>()
  return (exchange, shape) => {
    const counts = runs.get(exchange) ?? new Map<Shape, number>()
    if (counts.size === 0) runs.set(exchange, counts)
    const count = counts.get(shape) ?? 0
    if (count === 0 && counts.size >= maxShapes) return 0
    counts.set(shape, count + 1)
    return count + 1
  }
}
