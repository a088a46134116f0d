import { expect, it } from 'vitest'
import { burst } from './testing/burst.ts'

it('tells 10,000 alerts of three replicas once for each state, with a pager that is down and two kills', async () => {
  const { lost, twice, repeated, ...report } = await burst({ alerts: 10_000, downMs: 4_000 })
  // For whoever reads the run: it depends on the machine.
  process.stdout.write(`${JSON.stringify({ ...report, repeated: repeated.length })}\n`)
  expect([lost, twice]).toEqual([[], []])
  // What was under way at a kill may come again, with the same id; nothing else does.
  expect(repeated.filter(({ acrossKill }) => !acrossKill)).toEqual([])
  expect(repeated.length).toBeLessThanOrEqual(8)
  // One at a time while it is down, and not the hundreds that wait.
  expect(report.refusedWhileDown).toBeGreaterThan(0)
  expect(report.refusedWhileDown).toBeLessThan(60)
}, 600_000)
