import { expect, it } from 'vitest'
import type { AlertStore, Claimed } from '../store/store.ts'
import { alertOf, type StoreUnderTest, start, take } from './store-contract.ts'

const told = (claimed: readonly Claimed[]): readonly string[] =>
  claimed.flatMap(({ message }) => message.alerts.map(({ fingerprint, status }) => `${fingerprint} ${status}`))

async function claimOne(store: AlertStore, nowMs: number = start, leaseMs = 1_000): Promise<Claimed> {
  const [claimed] = await store.claim('pager', nowMs, leaseMs, 1)
  if (claimed === undefined) throw new Error('there was none to claim')
  return claimed
}

/** What a store promises about messages. */
export function messageContract(under: StoreUnderTest): void {
  it('hands out what is due, oldest first, to one at a time, and again after the lease', async () => {
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      await take(under.store, [alertOf(name)], { notifiers: ['pager', 'chat'], nowMs: start + index })
    }
    expect(told(await under.store.claim('pager', start + 1, 1_000, 9))).toEqual(['a firing', 'b firing'])
    expect(told(await under.other.claim('pager', start + 500, 1_000, 9))).toEqual(['c firing'])
    expect(await under.other.claim('pager', start + 1_000, 1_000, 9)).toEqual([])
    expect(told(await under.other.claim('pager', start + 1_001, 1_000, 1))).toEqual(['a firing'])
    expect(told(await under.store.claim('chat', start + 9, 1_000, 2))).toEqual(['a firing', 'b firing'])
  })

  it('never hands out one twice to those who ask at once', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `f${index}`)
    await take(
      under.store,
      names.map((name) => alertOf(name)),
      { alertsPerMessage: 1 },
    )
    const asks = Array.from({ length: 12 }, (_, index) =>
      (index % 2 === 0 ? under.store : under.other).claim('pager', start, 60_000, 5),
    )
    let all = (await Promise.all(asks)).flat()
    // One that finds rows locked takes fewer than there are.
    for (let more = [...all]; more.length > 0; all = [...all, ...more]) {
      more = [...(await under.store.claim('pager', start, 60_000, 5))]
    }
    expect(told(all).toSorted()).toEqual(names.map((name) => `${name} firing`).toSorted())
  })

  it('keeps the end of an incident back while its begin waits', async () => {
    await take(under.store, [alertOf('a'), alertOf('b')], { alertsPerMessage: 1 })
    await take(under.store, [alertOf('a', 'resolved'), alertOf('c', 'resolved')], { alertsPerMessage: 1 })
    const first = await under.store.claim('pager', start, 1_000, 9)
    expect(told(first)).toEqual(['a firing', 'b firing', 'c resolved'])
    const [begin] = first
    if (begin === undefined) throw new Error('there was none to claim')
    await under.store.settle(begin, { kind: 'retry', atMs: start + 50_000, error: '' }, start)
    expect(await under.store.claim('pager', start + 999, 1_000, 9)).toEqual([])
    const again = await claimOne(under.store, start + 60_000)
    expect(told([again])).toEqual(['b firing'])
    const retried = await under.store.claim('pager', start + 60_000, 1_000, 9)
    expect(told(retried).toSorted()).toEqual(['a firing', 'c resolved'])
    for (const one of retried) await under.store.settle(one, { kind: 'sent' }, start + 60_000)
    expect(told(await under.store.claim('pager', start + 60_000, 1_000, 9))).toEqual(['a resolved'])
  })

  it('counts failed attempts, and lets go of what was sent', async () => {
    await take(under.store, [alertOf('a')])
    const first = await claimOne(under.store)
    expect(first).toMatchObject({ attempts: 0, createdAt: start, leasedUntil: start + 1_000, notifier: 'pager' })
    await under.store.settle(first, { kind: 'retry', atMs: start + 7, error: 'busy' }, start + 1)
    expect(await under.store.claim('pager', start + 6, 1_000, 1)).toEqual([])
    const second = await claimOne(under.other, start + 7)
    expect(second).toMatchObject({ attempts: 1, message: { id: first.message.id } })
    expect(await under.store.backlog()).toEqual({ waiting: 1, dead: 0, oldestAt: start })
    await under.other.settle(second, { kind: 'sent' }, start + 8)
    expect(await under.store.backlog()).toEqual({ waiting: 0, dead: 0, oldestAt: undefined })
    expect(await under.store.claim('pager', start + 99_000, 1_000, 1)).toEqual([])
  })

  it('believes who sent a message, and not who failed after the claim had ended', async () => {
    await take(under.store, [alertOf('a')])
    const late = await claimOne(under.store)
    const current = await claimOne(under.other, start + 1_000, 5_000)
    await under.store.settle(late, { kind: 'retry', atMs: start, error: 'late' }, start + 1_001)
    expect(await under.store.claim('pager', start + 1_002, 1_000, 1)).toEqual([])
    await under.store.settle(late, { kind: 'dead', error: 'late' }, start + 1_002)
    expect(await under.store.backlog()).toMatchObject({ waiting: 1, dead: 0 })
    await under.store.settle(late, { kind: 'sent' }, start + 1_003)
    await under.other.settle(current, { kind: 'retry', atMs: start, error: 'too late' }, start + 1_004)
    expect(await under.store.backlog()).toMatchObject({ waiting: 0, dead: 0 })
  })

  it('keeps dead letters until they are revived or old', async () => {
    await take(under.store, [alertOf('a')])
    await take(under.store, [alertOf('b')])
    const letters = await under.store.claim('pager', start, 1_000, 2)
    for (const [index, one] of letters.entries()) {
      await under.store.settle(one, { kind: 'dead', error: 'refused' }, start + index)
    }
    expect(await under.other.deadLetters(1)).toMatchObject([{ error: 'refused', diedAt: start + 1, attempts: 1 }])
    expect(await under.store.prune(start + 99_000, start)).toBe(2)
    expect(await under.store.deadLetters(9)).toHaveLength(2)
    const id = letters[0]?.message.id ?? ''
    expect([await under.store.revive(id, start + 9), await under.store.revive(id, start + 9)]).toEqual([true, false])
    expect(await claimOne(under.store, start + 9)).toMatchObject({ attempts: 0, createdAt: start + 9, message: { id } })
    expect(await under.store.prune(0, start + 99_000)).toBe(1)
  })

  it('gives up what is for a notifier that nobody has', async () => {
    await take(under.store, [alertOf('a')], { notifiers: ['gone', 'pager'] })
    expect(await under.store.expire(['pager'], start, start + 1)).toBe(0)
    expect(await under.store.expire(['pager'], start + 1, start + 1)).toBe(1)
    expect(await under.store.deadLetters(9)).toMatchObject([{ notifier: 'gone' }])
    expect((await under.store.backlog()).waiting).toBe(1)
  })
}
