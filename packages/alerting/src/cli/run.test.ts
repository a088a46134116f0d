import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { bundles } from '../bundles/index.ts'
import { dashboards } from '../dashboards/index.ts'
import { spoken } from './testing/spoken.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'honoscope-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (...args: readonly string[]) => spoken(args, { cwd: folder })

describe('honoscope', () => {
  it('tells how it is called', async () => {
    for (const args of [['--help'], ['rules', '--help'], ['dashboards', '-h'], ['check', '--help']]) {
      const { code, out, err } = await run(...args)
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toContain('Usage: honoscope ')
    }
    expect((await run('--version')).out).toMatch(/^honoscope \d+\.\d+\.\d+\n$/)
  })

  it.each([
    [[], 'Usage: honoscope <command>'],
    [['rule'], 'there is no command "rule"'],
    [['rules', '--frmat', 'x'], 'there is no option --frmat'],
    [['rules', '--format', 'xml'], '--format xml is neither prometheus nor operator'],
    [['rules', 'nothing'], 'there is no bundle "nothing"; there are tokmesh, '],
    [['rules', '--namespace', 'x'], '--namespace and --label are for --format operator'],
    [['rules', '--format', 'operator', '--label', 'x'], '--label x is not name=value'],
    [['rules', '--runbook-url', 'runbook'], 'runbookUrl'],
    [['dashboards', 'nothing'], 'there is no dashboard "nothing"'],
    [['dashboards', '--config', 'none.mjs'], '--config: there is no file'],
    [['check'], 'check takes one URL, one file, or - for stdin'],
    [['check', 'a', '--max-series', '0'], '--max-series 0 is not a whole number'],
  ])('refuses %j with 2', async (args, message) => {
    const { code, out, err } = await run(...args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(message)
  })
})

describe('honoscope rules', () => {
  it('writes a file for each bundle', async () => {
    const { code } = await run('rules', '--out', 'rules')
    expect(code).toBe(0)
    expect((await readdir(join(folder, 'rules'))).sort()).toEqual(
      Object.keys(bundles)
        .map((name) => `${name}.yaml`)
        .sort(),
    )
    const groups = parse(await readFile(join(folder, 'rules/tokmesh.yaml'), 'utf8')).groups
    expect(groups.length).toBe(bundles.tokmesh?.rules.groups.length)
  })

  it('prints those that are named, as manifests if asked', async () => {
    const options = ['--format', 'operator', '--namespace', 'monitoring', '--label', 'release=main']
    const { out } = await run('rules', 'telemetry', 'kubernetes', ...options)
    const manifests = parseAllDocuments(out).map((document) => document.toJS())
    expect(manifests.map(({ kind, metadata }) => [kind, metadata])).toEqual([
      ['PrometheusRule', { name: 'telemetry', namespace: 'monitoring', labels: { release: 'main' } }],
      ['PrometheusRule', { name: 'kubernetes', namespace: 'monitoring', labels: { release: 'main' } }],
    ])
  })
})

describe('honoscope dashboards', () => {
  it('writes a file for each', async () => {
    expect((await run('dashboards', '--out', 'boards')).code).toBe(0)
    const files = await readdir(join(folder, 'boards'))
    expect(files.sort()).toEqual(
      Object.keys(dashboards)
        .map((name) => `${name}.json`)
        .sort(),
    )
    const uids = await Promise.all(
      files.map(async (file) => JSON.parse(await readFile(join(folder, 'boards', file), 'utf8')).uid),
    )
    expect(new Set(uids).size).toBe(files.length)
  })
})

describe('a configuration', () => {
  const own = `const expr = { text: 'up == 0', labels: ['job'], precedence: 3 }
    const rule = { kind: 'alert', name: 'Own', expr, severity: 'info', component: 'x', summary: 's', description: 'd' }
    export default { rules: { own: { catalogue: {}, groups: [{ name: 'own', rules: [rule] }] } } }`

  it('adds rules of its own, from the folder or by name', async () => {
    await writeFile(join(folder, 'honoscope.config.mjs'), own)
    await writeFile(join(folder, 'other.mjs'), own)
    expect((await run('rules', 'own')).out).toContain('alert: Own')
    expect((await run('rules', 'own', '--config', 'other.mjs')).out).toContain('alert: Own')
    await rm(join(folder, 'honoscope.config.mjs'))
    expect((await run('rules', 'own')).code).toBe(2)
  })

  it.each([
    ['export default 1', 'the default export is no object'],
    ['export default { rules: [] }', 'rules is no object of names'],
    ['export default { rules: { a: {} } }', 'rules.a does not come from defineRules()'],
    ['export default { dashboards: { a: {} } }', 'dashboards.a is no function'],
    ['throw new Error("broken")', 'broken'],
  ])('that is none is refused: %s', async (text, message) => {
    // A module is loaded once: each needs a name of its own.
    const file = `${message.replaceAll(/\W/g, '-')}.mjs`
    await writeFile(join(folder, file), text)
    const { code, err } = await run('rules', '--config', file)
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) })
  })
})
