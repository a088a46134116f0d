import { describe, expect, it } from 'vitest'
import { createHealth, type HealthOptions } from './index.ts'

const ready = {}
const check = (): boolean => true

describe('wrong setup throws at once and names the option', () => {
  it.each<[string, unknown, RegExp]>([
    ['no ready', {}, /ready must be an object of checks/],
    ['ready null', { ready: null }, /ready must be an object/],
    ['startup a function', { ready, startup: check }, /startup must be an object/],
    ['a check that is no function', { ready: { database: 'select 1' } }, /ready\.database must be a function/],
    ['a check that is null', { ready, live: { loop: null } }, /live\.loop must be a function/],
    ['a check without a name', { ready: { '': check } }, /ready has a check without a name/],
    ['the drain’s name', { ready: { shutdown: check } }, /ready\.shutdown/],
    ['timeoutMs 0', { ready, timeoutMs: 0 }, /timeoutMs must be a number of milliseconds from 1 to 2147483647, got 0/],
    ['timeoutMs NaN', { ready, timeoutMs: Number.NaN }, /timeoutMs .* got NaN/],
    ['timeoutMs that a timer can’t keep', { ready, timeoutMs: 2 ** 31 }, /timeoutMs .* got 2147483648/],
    ['cacheMs negative', { ready, cacheMs: -1 }, /cacheMs .* got -1/],
    ['timeoutMs of a check', { ready: { db: { check, timeoutMs: -5 } } }, /ready\.db\.timeoutMs/],
    ['cacheMs of a check', { ready, startup: { db: { check, cacheMs: '1s' } } }, /startup\.db\.cacheMs/],
    ['a path without a slash', { ready, paths: { live: 'live' } }, /paths\.live must start with "\/"/],
  ])('%s', (_, options, message) => {
    expect(() => createHealth(options as HealthOptions)).toThrow(message)
    expect(() => createHealth(options as HealthOptions)).toThrow(TypeError)
  })

  it('takes shutdown as a name elsewhere, and names that are special to objects', async () => {
    const health = createHealth({
      ready: { constructor: check, ['__proto__']: () => false },
      live: { shutdown: check },
    })
    expect(await health.check('live')).toMatchObject({ ok: true, checks: { shutdown: { status: 'pass' } } })
    const { ok, checks } = await health.check('ready')
    expect(ok).toBe(false)
    expect(Object.keys(checks)).toEqual(['constructor', '__proto__'])
  })
})
