// `honoscope check` against a running TokMesh: its rules and dashboards ask for nothing that it doesn't export, and what
// it exports is in order.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Child, startChild } from '../apps/tokmesh/src/acceptance/child.ts'
import { spoken } from '../packages/alerting/src/cli/testing/spoken.ts'

let tokmesh: Child
let key: string
beforeAll(async () => {
  // Tracing is on, with a collector that isn't there: its metrics are there from the start.
  tokmesh = await startChild({
    TOKMESH_STORAGE_DATA_DIR: 'memory://',
    TOKMESH_TELEMETRY_TRACING_ENABLED: 'true',
    TOKMESH_TELEMETRY_TRACING_ENDPOINT: 'http://127.0.0.1:9',
  })
  await tokmesh.ready()
  key = /^bootstrap metrics key: (\S+)$/m.exec(tokmesh.stderr())?.[1] ?? ''
})
afterAll(() => tokmesh.kill('SIGKILL'))

/** The report of `honoscope check`, with what it ended with. */
async function check(...args: readonly string[]) {
  const header = `Authorization: Bearer ${key}`
  const words = ['check', `${tokmesh.url}/metrics`, '--header', header, '--json', ...args]
  const { code, out, err } = await spoken(words, { cwd: import.meta.dirname })
  expect(err).toBe('')
  return { code, report: JSON.parse(out) }
}

describe('honoscope check, of a running TokMesh', () => {
  it('finds all that its rules and dashboards name, and nothing wrong with it', async () => {
    // That of the telemetry shows the alert receiver too, which is another process.
    const boards = ['tokmesh', 'tokmesh-service', 'tokmesh-database', 'runtime']
    const { code, report } = await check(
      ...['tokmesh', 'telemetry'].flatMap((name) => ['--bundle', name]),
      ...boards.flatMap((name) => ['--dashboard', name]),
    )
    type Told = { readonly elsewhere?: string; readonly exception?: string }
    expect(report.missing.filter(({ elsewhere }: Told) => elsewhere === undefined)).toEqual([])
    expect(report.findings.filter(({ exception }: Told) => exception === undefined)).toEqual([])
    expect({ code, faults: report.faults }).toEqual({ code: 0, faults: 0 })
    expect(report.series).toBeGreaterThan(500)
  })

  it('finds no fault with it either when nothing is named', async () => {
    const { code, report } = await check()
    expect({ code, faults: report.faults }).toEqual({ code: 0, faults: 0 })
  })

  it('misses what another service has, when that is asked for', async () => {
    const { code, report } = await check('--bundle', 'chat2sql')
    expect(code).toBe(1)
    expect(report.missing).toContainEqual({ by: expect.any(String), series: 'chat2sql_ai_accuracy_rate' })
  })
})
