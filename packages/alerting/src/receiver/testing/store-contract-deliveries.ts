import { expect, it } from 'vitest'
import { judgeWith } from '../judge.ts'
import { alertOf, type StoreUnderTest, start, take } from './store-contract.ts'

/** What a store promises about deliveries. */
export function deliveryContract(under: StoreUnderTest): void {
  it('knows an incident again, whoever asks, with its times as numbers', async () => {
    expect((await take(under.store, [alertOf('a')])).verdicts).toEqual(['new'])
    const known: unknown[] = []
    const judge = judgeWith({ nowMs: start + 5, lateMs: 0, newId: () => 'unused' })
    const received = await under.other.receive(
      [alertOf('a'), alertOf('a', 'resolved'), alertOf('a', 'resolved')],
      (incident, alert) => {
        known.push(incident)
        return judge(incident, alert)
      },
      () => ({ notifications: [], remediations: [] }),
      start + 5,
    )
    expect(received.verdicts).toEqual(['duplicate', 'new', 'duplicate'])
    expect(known).toMatchObject([
      { status: 'firing', startsAt: start, seenAt: start },
      { status: 'firing', seenAt: start + 5 },
      { status: 'resolved', startsAt: start, endsAt: start + 60_000, seenAt: start + 5 },
    ])
  })

  it('writes all of a delivery or nothing', async () => {
    const judge = judgeWith({ nowMs: start, lateMs: 0, newId: () => 'x' })
    const plan = () => {
      throw new Error('no plan')
    }
    await expect(under.store.receive([alertOf('a')], judge, plan, start)).rejects.toThrow()
    expect((await take(under.store, [alertOf('a')])).verdicts).toEqual(['new'])
    expect((await under.store.backlog()).waiting).toBe(1)
  })

  it('takes what can stand in a label', async () => {
    const labels = { alertname: 'DiskFull', text: '"\\\'$1 \u{1F525} \n', ['__proto__']: 'own' }
    await take(under.store, [{ ...alertOf('a'), labels }])
    const [claimed] = await under.store.claim('pager', start, 1000, 1)
    expect(claimed?.message.alerts[0]?.labels).toEqual(labels)
  })

  it('takes 20 deliveries at once that overlap in different orders, and finds each incident once', async () => {
    const names = Array.from({ length: 600 }, (_, index) => `f${index}`)
    const deliveries = Array.from({ length: 20 }, (_, round) => {
      const turned = [...names.slice(round * 30), ...names.slice(0, round * 30)]
      const some = (round % 2 === 0 ? turned : turned.reverse()).slice(0, 450)
      return take(
        round % 4 < 2 ? under.store : under.other,
        some.map((name) => alertOf(name)),
      )
    })
    const told = (await Promise.all(deliveries)).flatMap(({ changes }) => changes.map(({ alert }) => alert.fingerprint))
    expect(told.toSorted()).toEqual(names.toSorted())
  }, 60_000)

  it('forgets incidents that were not heard of for long, and no others', async () => {
    await take(under.store, [alertOf('old'), alertOf('kept')], { nowMs: start })
    await take(under.store, [alertOf('kept')], { nowMs: start + 5_000 })
    expect(await under.store.prune(start + 5_000, 0)).toBe(1)
    const later = await take(under.store, [alertOf('old'), alertOf('kept')], { nowMs: start + 6_000 })
    expect(later.verdicts).toEqual(['new', 'duplicate'])
  })
}
