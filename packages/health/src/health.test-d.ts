import { describe, expectTypeOf, it } from 'vitest'
import { type CheckResult, createHealth, HealthError, type Report } from './index.ts'

describe('types', () => {
  const health = createHealth({ ready: { rows: () => [1], later: async (signal) => signal.aborted } })

  it('a check gets a signal and may return anything', () => {
    createHealth({ ready: { it: (signal) => expectTypeOf(signal).toEqualTypeOf<AbortSignal>() } })
    createHealth({ ready: { it: { check: () => ({ count: 1 }), timeoutMs: 1, cacheMs: 1, skip: () => true } } })
    // @ts-expect-error: a check is a function
    createHealth({ ready: { it: 'select 1' } })
    // @ts-expect-error: a check with settings needs its function
    createHealth({ ready: { it: { timeoutMs: 5 } } })
    // @ts-expect-error: what is needed to be ready is said
    createHealth({})
    // @ts-expect-error: no such route
    createHealth({ ready: {}, paths: { readyz: '/readyz' } })
  })

  it('a report is read by name, and a name may be missing', () => {
    expectTypeOf(health.check('ready')).resolves.toEqualTypeOf<Report>()
    expectTypeOf<Report['checks'][string]>().toEqualTypeOf<CheckResult>()
    // @ts-expect-error: /health runs no check
    void health.check('health')
  })

  it('drain resolves to whether it is idle', () => {
    expectTypeOf(health.drain({ graceMs: 1, timeoutMs: 2 })).resolves.toEqualTypeOf<boolean>()
    // @ts-expect-error: read only
    health.draining = true
  })

  it('details are scalars', () => {
    new HealthError('x', { details: { is_leader: false, count: 1, name: 'a', none: null } })
    // @ts-expect-error: no nested values
    new HealthError('x', { details: { nested: {} } })
  })
})
