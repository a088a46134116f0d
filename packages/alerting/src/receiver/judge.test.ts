import { describe, expect, it } from 'vitest'
import type { Alert, Incident } from './alert.ts'
import { judgeWith } from './judge.ts'

const minute = 60_000
const t0 = Date.UTC(2026, 0, 1)
/** A time in minutes after the start. */
const at = (minutes: number): number => t0 + minutes * minute

const fires = (start: number): Alert => alert('firing', start, undefined)
const ended = (start: number, end: number): Alert => alert('resolved', start, at(end))

function alert(status: Alert['status'], start: number, endsAt: number | undefined): Alert {
  return { status, fingerprint: 'f', startsAt: at(start), endsAt, labels: {}, annotations: {}, generatorUrl: '' }
}

const firing = (start: number, seen: number): Incident => ({
  ...{ id: 'known', fingerprint: 'f', status: 'firing', startsAt: at(start) },
  ...{ endsAt: undefined, seenAt: at(seen) },
})
const over = (start: number, end: number, heard: number): Incident => ({
  ...{ id: 'known', fingerprint: 'f', status: 'resolved', startsAt: at(start) },
  ...{ endsAt: at(end), seenAt: at(heard) },
})

// Times in minutes: of a firing incident its start and when it was last heard of, of one that is over its start, its
// end and when that was heard of.
const table: readonly [name: string, known: Incident | undefined, alert: Alert, now: number, verdict: string][] = [
  ['the first word of it', undefined, fires(0), 1, 'new, another'],
  ['an end whose begin we never heard', undefined, ended(0, 5), 6, 'new, another'],
  ['the same again, from another replica or as a repetition', firing(0, 1), fires(0), 240, 'duplicate, known'],
  ['the same, and our clock is behind', firing(5, 1), fires(5), 2, 'duplicate, known'],
  ['a replica that heard of it later', firing(0, 5), fires(3), 6, 'duplicate, known'],
  ['a replica that heard of it earlier', firing(3, 5), fires(0), 6, 'duplicate, known'],
  ['it began after the other was last heard of', firing(0, 5), fires(9), 10, 'new, another'],
  ['its end', firing(0, 5), ended(0, 6), 7, 'new, known'],
  ['its end, at the moment of its start', firing(3, 5), ended(3, 3), 7, 'new, known'],
  ['its end, before its start', firing(3, 5), ended(3, 1), 7, 'new, known'],
  ['its end, as a replica tells it that heard of it later', firing(0, 5), ended(2, 6), 7, 'new, known'],
  ['the end of the one before', firing(10, 11), ended(0, 6), 12, 'stale, nothing'],
  ['its end again', over(0, 6, 7), ended(0, 6), 8, 'duplicate, nothing'],
  ['its end, as another replica reckons it', over(0, 6, 7), ended(0, 8), 9, 'duplicate, nothing'],
  ['the end of the one before, late', over(10, 12, 13), ended(0, 6), 14, 'stale, nothing'],
  ['the end of another, whose begin we never heard', over(0, 6, 7), ended(20, 25), 26, 'new, another'],
  ['the next one', over(0, 6, 7), fires(7), 8, 'new, another'],
  ['the next one, and it began before we heard of the end', over(0, 6, 9), fires(7), 9.5, 'new, another'],
  ['its begin, from a replica that is behind', over(0, 6, 7), fires(0), 7.9, 'duplicate, nothing'],
  ['it goes on: the end was a silence of Prometheus', over(0, 6, 7), fires(0), 8, 'new, another'],
  ['it goes on, and our clock was put back', over(0, 6, 90), fires(0), 30, 'new, another'],
  [
    'its begin, from a replica that is behind, to a process whose clock is',
    over(0, 6, 7),
    fires(0),
    6.5,
    'duplicate, nothing',
  ],
  ['it goes on, by the clock of a replica that heard of it later', over(0, 6, 7), fires(2), 12, 'new, another'],
]

describe('judgeWith()', () => {
  for (const [name, known, alert, now, verdict] of table) {
    it(`${name}: ${verdict}`, () => {
      const judgement = judgeWith({ nowMs: at(now), lateMs: minute, newId: () => 'another' })(known, alert)
      expect(`${judgement.verdict}, ${judgement.incident?.id ?? 'nothing'}`).toBe(verdict)
      if (judgement.verdict !== 'new') return
      expect(judgement.incident).toMatchObject({ status: alert.status, endsAt: alert.endsAt, seenAt: at(now) })
    })
  }

  it('remembers when a firing incident was last heard of, and never an earlier time', () => {
    const judge = judgeWith({ nowMs: at(3), lateMs: minute, newId: () => 'another' })
    expect(judge(firing(0, 1), fires(0)).incident?.seenAt).toBe(at(3))
    expect(judge(firing(0, 9), fires(0)).incident?.seenAt).toBe(at(9))
  })

  it('finds one begin and one end, whatever three replicas deliver in whatever order', () => {
    const deliveries = [fires(0), fires(0), fires(0), ended(0, 6), ended(0, 6), ended(0, 7)]
    for (let round = 0; round < 200; round++) {
      let known: Incident | undefined
      const told: string[] = []
      const order = deliveries.map((one, index) => ({ one, rank: Math.sin(round * 31 + index * 17) }))
      for (const { one } of order.toSorted((a, b) => a.rank - b.rank)) {
        const { verdict, incident } = judgeWith({ nowMs: at(8), lateMs: minute, newId: () => 'id' })(known, one)
        known = incident ?? known
        if (verdict === 'new') told.push(one.status)
      }
      // Where an end comes first, it is told; a begin that comes after it is late.
      expect(['firing resolved', 'resolved']).toContain(told.join(' '))
    }
  })
})
