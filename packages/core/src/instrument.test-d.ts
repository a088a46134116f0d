import { type Counter, type Exchange, foldMethod, type Instrument, type KnownMethod, observe } from '@honoscope/core'
import type { MiddlewareHandler } from 'hono'
import { expectTypeOf } from 'vitest'

// The state that `start` returns is what the other hooks get.
const timed: Instrument<number> = { name: 'timed', start: (x) => x.startedAt, end: (_x, state) => state.toFixed(1) }
expectTypeOf(observe(timed, { name: 'plain' })).toEqualTypeOf<MiddlewareHandler>()

// @ts-expect-error an instrument needs a name
observe({ end() {} })

export function write(x: Exchange): void {
  // @ts-expect-error an exchange is read, not written
  x.status = 200
}

expectTypeOf(foldMethod('GET')).toEqualTypeOf<KnownMethod>()

// Label values are the declared ones.
declare const counter: Counter<{ result: ['valid', 'invalid'] }>
counter.inc({ result: 'valid' })
// @ts-expect-error not a declared value
counter.inc({ result: 'other' })
// @ts-expect-error the label is missing
counter.inc({})
