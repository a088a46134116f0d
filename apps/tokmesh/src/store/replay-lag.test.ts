import { describe, expect, it } from 'vitest'
import { replayLags, type StandbyRow } from './replay-lag.ts'

const row = (more: Partial<StandbyRow>): StandbyRow => ({
  ...{ from: 'primary', to: 'copy', pid: 1, written: 100, replayed: 100, measuredSeconds: 0, nowSeconds: 1_000 },
  ...more,
})
const standby = (lagSeconds: number, to = 'copy') => ({ from: 'primary', to, lagSeconds })

describe('the lag of a standby', () => {
  it('is none when it shows everything, whatever was measured last', () => {
    expect(replayLags()([row({ measuredSeconds: 7 })])).toEqual([standby(0)])
  })

  it('is what the primary has measured while it goes on', () => {
    const lags = replayLags()
    expect(lags([row({ replayed: 90, measuredSeconds: 0.2 })])).toEqual([standby(0.2)])
    expect(lags([row({ written: 300, replayed: 290, measuredSeconds: 0.3, nowSeconds: 1_015 })])).toEqual([
      standby(0.3),
    ])
  })

  it('grows while it stands still, and goes when it has caught up', () => {
    const lags = replayLags()
    expect(lags([row({ replayed: 90, measuredSeconds: 0.2 })])).toEqual([standby(0.2)])
    expect(lags([row({ replayed: 90, measuredSeconds: 0.2, nowSeconds: 1_030 })])).toEqual([standby(30)])
    // More is written meanwhile; and it goes on, and is not there yet.
    expect(lags([row({ written: 500, replayed: 95, nowSeconds: 1_060 })])).toEqual([standby(60)])
    // It shows what it lacked at first, and lacks what came later.
    expect(lags([row({ written: 500, replayed: 400, measuredSeconds: 1, nowSeconds: 1_070 })])).toEqual([standby(1)])
    expect(lags([row({ written: 500, replayed: 500, measuredSeconds: 1, nowSeconds: 1_071 })])).toEqual([standby(0)])
  })

  it('goes with the standby, and is begun anew when it is back', () => {
    const lags = replayLags()
    lags([row({ replayed: 90 })])
    expect(lags([])).toEqual([])
    expect(lags([row({ replayed: 90, nowSeconds: 1_030 })])).toEqual([standby(0)])
  })

  it('is the longest of those that share a name', () => {
    const rows = [row({ replayed: 90, measuredSeconds: 4 }), row({ pid: 2 }), row({ pid: 3, to: 'other' })]
    expect(replayLags()(rows)).toEqual([standby(4), standby(0, 'other')])
  })
})
