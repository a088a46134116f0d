import { expect, it } from 'vitest'
import { burst } from './testing/burst.ts'

it('a pager that is down for a minute is told all of it afterwards, once', async () => {
  const { lost, twice, repeated, ...report } = await burst({ alerts: 10_000, downMs: 60_000 })
  process.stdout.write(`${JSON.stringify({ ...report, repeated: repeated.length })}\n`)
  expect([lost, twice]).toEqual([[], []])
  expect(repeated.filter(({ acrossKill }) => !acrossKill)).toEqual([])
  expect(repeated.length).toBeLessThanOrEqual(8)
  expect(report.refusedWhileDown).toBeLessThan(300)
}, 900_000)
