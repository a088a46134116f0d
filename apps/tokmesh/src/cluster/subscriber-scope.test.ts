import { currentScope, runInScope } from '@honoscope/core'
import { until } from '@honoscope/testing'
import { expect, it } from 'vitest'
import { openTestDatabase } from '../testing/databases.ts'
import { createSubscription } from './subscriber.ts'

it('a doubt that a request finds is told of outside of it, since it is no part of its trace', async () => {
  const opened = await openTestDatabase('postgres')
  let skippedMs = 0
  const clock = { monotonic: () => performance.now() + skippedMs, wall: () => Date.now() + skippedMs }
  const told: unknown[] = []
  const onFault = (doubt: string) => void told.push([doubt, currentScope()])
  const subscription = createSubscription({ url: opened.url ?? '', clock, onFault })
  const nothing = () => {}
  subscription.start({
    ...{ onSessions: nothing, onRevoked: nothing, onKeys: nothing, onMessage: nothing, onDoubt: nothing },
  })
  await until(() => Number.isFinite(subscription.freshness.asOf()))
  told.length = 0
  skippedMs += 3_000
  runInScope({ exchange: undefined, span: undefined }, () => subscription.freshness.asOf())
  expect(told).toEqual([['late', undefined]])
  await subscription.close()
  await opened.close()
})
