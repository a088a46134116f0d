/** Whether the unit of `deploy/systemd` is one, and fits TokMesh. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { keyList, keys, variableOf } from '../apps/tokmesh/src/config/keys.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const unit = readFileSync(join(root, 'deploy/systemd/tokmesh.service'), 'utf8')
const valuesOf = (name: string) => [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value)
const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0

describe.skipIf(!hasAnalyze)(`systemd-analyze${hasAnalyze ? '' : ' (skipped: it is not installed)'}`, () => {
  // Of the machine of the test there is neither the checkout nor, perhaps, Node at its place.
  const analyze = (text: string, ...args: readonly string[]) => {
    const folder = mkdtempSync(join(tmpdir(), 'honoscope-unit-'))
    try {
      const file = join(folder, 'tokmesh.service')
      writeFileSync(file, text.replace('ExecStart=/usr/bin/node', 'ExecStart=/bin/sh'))
      const { status, stdout, stderr } = spawnSync('systemd-analyze', [...args, file], { encoding: 'utf8' })
      return { status, text: `${stdout}${stderr}` }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  it('finds nothing to say of the unit, and something of a misspelt one', () => {
    expect(analyze(unit, 'verify')).toEqual({ status: 0, text: '' })
    expect(analyze(unit.replace('ProtectSystem', 'ProtectSistem'), 'verify').text).toContain('ProtectSistem')
  })

  it('calls it little exposed', () => {
    const [, level] =
      /Overall exposure level for \S+: ([\d.]+)/.exec(analyze(unit, 'security', '--offline=true').text) ?? []
    expect(Number(level)).toBeGreaterThan(0)
    expect(Number(level)).toBeLessThan(2)
  })
})

describe('deploy/systemd/tokmesh.service', () => {
  it('starts a file that is there, and waits for its end longer than the service takes', () => {
    const [, script = ''] = /^\/usr\/bin\/node \/opt\/tokmesh\/(\S+) start$/.exec(valuesOf('ExecStart')[0] ?? '') ?? []
    expect(existsSync(join(root, script))).toBe(true)
    const [seconds = 0] = valuesOf('TimeoutStopSec').map((text) => Number.parseInt(text, 10))
    expect(seconds * 1000).toBeGreaterThan(keys.shutdownTimeoutMs.default)
  })

  it('has a user of its own and one folder to write, which is the data folder', () => {
    expect(valuesOf('DynamicUser')).toEqual(['yes'])
    expect(valuesOf('ProtectSystem')).toEqual(['strict'])
    expect(valuesOf('StateDirectory')).toEqual(['tokmesh'])
    expect(valuesOf('Environment')).toContain(`${variableOf(keys.dataDir.path)}=%S/tokmesh`)
    expect(valuesOf('ReadWritePaths')).toEqual([])
  })

  it('names variables that TokMesh knows, in its comments too', () => {
    const known = keyList.map(([, key]) => variableOf(key.path))
    const named = unit.match(/\bTOKMESH_[A-Z_]+/g) ?? []
    expect(named.length).toBeGreaterThan(3)
    for (const name of named) expect(known).toContain(name)
  })
})
