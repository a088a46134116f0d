import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly string[]
}
interface TallyModule {
  fromVitest(path: string): Tally
  fromBun(text: string, path: string): Tally
  sum(tallies: readonly Tally[]): Tally
  inWords(tally: Tally): string
}

let scripts: TallyModule
let folder: string
beforeAll(async () => {
  scripts = await import(new URL('../scripts/tally.mjs', import.meta.url).href)
  folder = await mkdtemp(join(tmpdir(), 'honoscope-tally-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

describe('the counts that npm test ends with', () => {
  it('of Vitest count a file that could not be loaded, or whose hook failed, as a failure', async () => {
    const test = (status: string, fullName: string) => ({ status, fullName })
    const testResults = [
      {
        status: 'passed',
        assertionResults: [test('passed', 'a'), test('skipped', 'b (no promtool)'), test('todo', 'c')],
      },
      { status: 'failed', assertionResults: [test('failed', 'd'), test('passed', 'e')] },
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [test('skipped', 'f')] },
    ]
    const path = await file('vitest.json', JSON.stringify({ testResults }))
    expect(scripts.fromVitest(path)).toEqual({ passed: 2, failed: 3, skipped: ['b (no promtool)', 'c', 'f'] })
  })

  it('of Bun come from its closing lines, whatever a test prints, and name what was skipped', async () => {
    const path = await file(
      'bun.xml',
      `<testcase name="passes" classname="" />
       <testcase name="fails" classname=""><failure type="AssertionError" message="skipped"></failure></testcase>
       <testcase name="s (no &quot;promtool&quot;)" classname="inner &gt; outer"><skipped /></testcase>`,
    )
    const text = '\n 99 pass\n 99 fail\n\n 1 pass\n 1 skip\n 2 fail\n 1 error\nRan 4 tests across 2 files. [11.00ms]\n'
    expect(scripts.fromBun(text, path)).toEqual({ passed: 1, failed: 2, skipped: ['outer inner s (no "promtool")'] })
  })

  it('are nothing at all for a runner that left no trace', () => {
    const nothing = { passed: 0, failed: 0, skipped: [] }
    expect(scripts.fromVitest(join(folder, 'none.json'))).toEqual(nothing)
    expect(scripts.fromBun('Segmentation fault', join(folder, 'none.xml'))).toEqual(nothing)
  })

  it('add up to one line', () => {
    const one = { passed: 1, failed: 0, skipped: [] }
    expect(scripts.inWords(scripts.sum([one, one]))).toBe('2 passed, 0 failed')
    expect(scripts.inWords(scripts.sum([one, { passed: 0, failed: 2, skipped: ['a'] }]))).toBe(
      '1 passed, 2 failed, 1 skipped',
    )
  })
})
