import { expect, it } from 'vitest'
import { burst } from './testing/burst.ts'

it('tells 10,000 alerts of three replicas once for each state, with a pager that is down and two kills', async () => {
  const report = await burst({ alerts: 10_000, downMs: 4_000 })
    JSON.stringify({
      ...report,
      lost: report.lost.length,
      twice: report.twice.length,
      repeated: report.repeated.length,
    }),
  )
  expect(report.lost).toEqual([])
  expect(report.twice).toEqual([])
  // What was under way at a kill may come again, with the same id; nothing else does.
  expect(report.repeated.filter((acrossKill ) => !acrossKill)).toEqual([])
  expect(report.repeated.length).toBeLessThanOrEqual(8)
  // For whoever reads the run: it depends on the machine.
  process.stdout.write(`$report.deliveriesPerSeconddeliveries of 100 alerts/s, $report.repeated.lengthsent twice\n`)
  // One at a time while it is down, and not the hundreds that wait.
  expect(report.refusedWhileDown).toBeGreaterThan(0)
  expect(report.refusedWhileDown).toBeLessThan(60)
}, 600_000)
