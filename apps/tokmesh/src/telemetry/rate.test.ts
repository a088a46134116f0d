import type { Exchange } from '@honoscope/core'
import { expect, it } from 'vitest'
import { requestRate } from './rate.ts'

const exchange = {} as Exchange

it('divides the requests of the last 10 s by 10, or by the uptime when that is shorter', () => {
  let now = 4_000
  const rate = requestRate(() => now)
  for (let request = 0; request < 20; request++) rate.end?.(exchange, undefined)
  expect(rate.perSecond()).toBe(5)
  now = 13_900
  rate.end?.(exchange, undefined)
  expect(rate.perSecond()).toBe(2.1)
  now = 14_000
  expect(rate.perSecond()).toBe(0.1)
  now = 60_000
  expect(rate.perSecond()).toBe(0)
})

it('counts on when its ring begins anew', () => {
  let now = 0
  const rate = requestRate(() => now)
  for (; now < 35_000; now += 50) rate.end?.(exchange, undefined)
  now = 34_999
  expect(rate.perSecond()).toBe(20)
})
