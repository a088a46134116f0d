import { describe, expect, it } from 'vitest'
import type { AuditEntry } from '../domain/audit.ts'
import { createEntries } from './entry.ts'
import { createFailedLogins, type FailedLoginOptions } from './failed-logins.ts'

const newEntry = createEntries()
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface Attempt {
  readonly key?: string
  readonly reason?: string
  readonly client?: string
  readonly route?: string
}

const attempt = ({ key = 'tmak-1', reason = 'secret', client = '192.0.2.1', route = 'POST /sessions' }: Attempt = {}) =>
  newEntry({
    ...{ operatorId: key, action: 'AUTH_FAILED', result: 'FAILURE', resource: `route:${route}`, userAgent: 'probe' },
    ...{ details: { code: 'TM-AUTH-4011', reason }, address: { client, peer: '10.0.0.1' } },
  })

function start(options: FailedLoginOptions = {}) {
  const written: AuditEntry[] = []
  const state = { leftOut: 0 }
  const leaveOut = () => {
    state.leftOut += 1
  }
  const logins = createFailedLogins({ write: (entry) => written.push(entry), leaveOut }, options)
  return { logins, written, state }
}

/** Failures that the entries tell of. */
const told = (entries: readonly AuditEntry[]) =>
  entries.reduce((sum, { details }) => sum + Number(details.count ?? 1) + Number(details.left_out_before ?? 0), 0)

describe('failed logins', () => {
  it('that are alike are one entry at once, and one a minute that tells how many', async () => {
    const { logins, written } = start({ windowMs: 100 })
    const first = attempt()
    logins.add(first)
    expect(written).toMatchObject([{ operatorId: 'tmak-1', details: { code: 'TM-AUTH-4011', reason: 'secret' } }])
    const more = Array.from({ length: 500 }, () => attempt())
    for (const one of more) logins.add(one)
    expect(written).toHaveLength(1)
    await pause(250)
    expect(written).toHaveLength(2)
    expect(written[1]).toMatchObject({
      ...{ action: 'AUTH_FAILED', result: 'FAILURE', operatorId: 'tmak-1', resource: first.resource },
      ...{ userAgent: 'probe', clientIp: '192.0.2.1', tcpRemoteIp: '10.0.0.1' },
      details: {
        ...{ code: 'TM-AUTH-4011', reason: 'secret', count: 500 },
        ...{ first_at: more[0]?.timestamp, last_at: more.at(-1)?.timestamp },
      },
    })
    expect(written[1]?.id).not.toBe(more.at(-1)?.id)
    logins.close()
  })

  it('that go on are told of once a window, those that have ended begin anew', async () => {
    const { logins, written } = start({ windowMs: 150 })
    const startedAt = performance.now()
    let added = 0
    while (performance.now() - startedAt < 700) {
      logins.add(attempt())
      added += 1
      await pause(2)
    }
    // One at once, and then one a window.
    expect(written.length).toBeGreaterThan(2)
    expect(written.length).toBeLessThan(7)
    await pause(500)
    expect(told(written)).toBe(added)
    const before = written.length
    logins.add(attempt())
    expect(written.slice(before)).toMatchObject([{ details: { reason: 'secret' } }])
    expect(written.at(-1)?.details).not.toHaveProperty('count')
    logins.close()
  })

  it('are each told of when their own window ends', async () => {
    const { logins, written } = start({ windowMs: 1200 })
    for (let n = 0; n < 2; n++) logins.add(attempt({ key: 'tmak-1' }))
    await pause(600)
    for (let n = 0; n < 2; n++) logins.add(attempt({ key: 'tmak-2' }))
    await pause(900)
    for (let n = 0; n < 2; n++) logins.add(attempt({ key: 'tmak-2' }))
    expect(written.map(({ operatorId }) => operatorId)).toEqual(['tmak-1', 'tmak-2', 'tmak-1'])
    // Soon after 1,800 ms, and not when the window of the first ends again.
    await pause(600)
    expect(written.slice(3)).toMatchObject([{ operatorId: 'tmak-2', details: { count: 3 } }])
    logins.close()
  })

  it('of another key, reason, client or route are entries of their own', () => {
    const { logins, written } = start()
    const others = [{}, { key: 'tmak-2' }, { reason: 'disabled' }, { client: '192.0.2.2' }, { route: 'GET /sessions' }]
    for (const other of [...others, ...others]) logins.add(attempt(other))
    expect(written).toHaveLength(5)
    logins.close()
    expect(written).toHaveLength(10)
  })

  it('of ever new keys are held to their number in memory, and none is forgotten', () => {
    const { logins, written } = start({ maxKinds: 10 })
    for (let n = 0; n < 100; n++) {
      logins.add(attempt({ key: `tmak-${n}` }))
      logins.add(attempt({ key: `tmak-${n}` }))
    }
    // Each at once, and each again but for those of the last ten, which still wait.
    expect(written).toHaveLength(190)
    logins.close()
    expect(told(written)).toBe(200)
  })

  it('above the rate are left out, and the next entry tells how many failures that were', () => {
    let now = 0
    const { logins, written, state } = start({ burst: 10, perSecond: 5, monotonic: () => now })
    for (let n = 0; n < 25; n++) logins.add(attempt({ key: `tmak-${n}` }))
    expect([written.length, state.leftOut]).toEqual([10, 15])
    now += 1000
    for (let n = 25; n < 32; n++) logins.add(attempt({ key: `tmak-${n}` }))
    expect([written.length, state.leftOut]).toEqual([15, 17])
    expect(written[10]?.details).toMatchObject({ left_out_before: 15 })
    expect(written.filter(({ details }) => 'left_out_before' in details)).toHaveLength(1)
    logins.close()
  })

  it('are 5 entries a second in the long run, after 5,000', () => {
    let now = 0
    const { logins, written } = start({ monotonic: () => now })
    const seconds = 300
    for (; now < seconds * 1000; now += 20) logins.add(attempt({ key: `tmak-${now}` }))
    expect(written.length).toBeGreaterThan(5_000 + seconds * 5 - 10)
    expect(written.length).toBeLessThan(5_000 + seconds * 5 + 10)
    logins.close()
  })

  it('that come after the end are told of one by one', () => {
    const { logins, written } = start()
    logins.close()
    logins.add(attempt())
    logins.add(attempt())
    expect(written).toHaveLength(2)
  })
})
