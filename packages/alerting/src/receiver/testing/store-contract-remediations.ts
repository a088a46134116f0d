import { expect, it } from 'vitest'
import { alertOf, nameOf, type StoreUnderTest, start, take } from './store-contract.ts'

const minuteMs = 60_000
const claim = { limits: { fix: { runs: 2, perMs: minuteMs } }, leaseMs: 1_000, maxWaitMs: 10 * minuteMs }
const none = { task: undefined, ended: [] }

/** What a store promises about remediations. */
export function remediationContract(under: StoreUnderTest): void {
  it('hands out a remediation once for an incident, at its begin', async () => {
    await take(under.store, [alertOf('a')], { remediations: ['fix'] })
    await take(under.store, [alertOf('a'), alertOf('a', 'resolved')], { remediations: ['fix'] })
    const asked = await Promise.all(
      [1, 2, 3, 4].map((n) => (n % 2 ? under.store : under.other).claimRemediation(claim, start)),
    )
    const tasks = asked.flatMap(({ task }) => task ?? [])
    expect(tasks.map(nameOf)).toEqual(['fix'])
    expect(tasks[0]?.alert).toMatchObject({ fingerprint: 'a', status: 'firing', incidentId: tasks[0]?.incidentId })
    expect(await under.store.remediations(9)).toMatchObject([
      { result: 'running', startedAt: start, endedAt: undefined },
    ])
    if (tasks[0]) await under.store.settleRemediation(tasks[0], 'done', 'it did', start + 5)
    expect(await under.other.claimRemediation(claim, start + minuteMs)).toEqual(none)
    expect(await under.store.remediations(9)).toMatchObject([{ result: 'done', detail: 'it did', endedAt: start + 5 }])
  })

  it('limits the runs over all incidents and processes', async () => {
    await take(
      under.store,
      ['a', 'b', 'c', 'd'].map((name) => alertOf(name)),
      { remediations: ['fix'] },
    )
    const first = await under.store.claimRemediation(claim, start)
    const second = await under.other.claimRemediation(claim, start + 1)
    expect([nameOf(first.task), nameOf(second.task)]).toEqual(['fix', 'fix'])
    const third = await under.store.claimRemediation(claim, start + 2)
    expect(third).toEqual({ task: undefined, ended: Array(2).fill({ remediation: 'fix', result: 'limited' }) })
    await take(under.store, [alertOf('e')], { remediations: ['fix'], nowMs: start + minuteMs })
    // The first run was a minute ago and counts no more; the second does.
    expect(nameOf((await under.store.claimRemediation(claim, start + minuteMs)).task)).toBe('fix')
  })

  it('never runs one again whose process ended, and says that nobody knows', async () => {
    await take(under.store, [alertOf('a')], { remediations: ['fix'] })
    const { task } = await under.store.claimRemediation(claim, start)
    expect(await under.other.claimRemediation(claim, start + 999)).toEqual(none)
    const ended = [{ remediation: 'fix', result: 'unknown' }]
    expect(await under.other.claimRemediation(claim, start + 1_000)).toEqual({ task: undefined, ended })
    expect(await under.other.claimRemediation(claim, start + 2_000)).toEqual(none)
    expect(await under.store.remediations(9)).toMatchObject([{ result: 'unknown', endedAt: start + 1_000 }])
    // It was only slow.
    if (task) await under.store.settleRemediation(task, 'done', 'after all', start + 3_000)
    expect(await under.store.remediations(9)).toMatchObject([{ result: 'done', detail: 'after all' }])
  })

  it('does not begin one whose turn comes too late, nor one that is not known here', async () => {
    await take(under.store, [alertOf('a')], { remediations: ['fix', 'other'] })
    const { limits, ...rest } = claim
    expect(await under.store.claimRemediation({ ...rest, limits: {} }, start)).toEqual(none)
    const late = await under.store.claimRemediation(claim, start + claim.maxWaitMs)
    expect(late.task).toBeUndefined()
    expect(late.ended.map(({ remediation, result }) => `${remediation} ${result}`).toSorted()).toEqual([
      'fix expired',
      'other expired',
    ])
    expect(await under.store.prune(start + 1 + claim.maxWaitMs, 0)).toBeGreaterThanOrEqual(2)
    expect(await under.store.remediations(9)).toEqual([])
    expect(limits.fix.runs).toBe(2)
  })
}
