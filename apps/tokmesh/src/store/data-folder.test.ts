import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { spawnChild } from '../testing/spawn-child.ts'
import { claimDataFolder } from './data-folder.ts'

describe('the claim on a data folder', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tokmesh-claim-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is refused while it is held, with a sentence that names the folder and the process', () => {
    const release = claimDataFolder(folder)
    expect(() => claimDataFolder(folder)).toThrow(`the data folder ${folder} is in use by process ${process.pid}`)
    release()
    claimDataFolder(folder)()
  })

  it('leaves one small file behind, however often it is taken', () => {
    for (let i = 0; i < 5; i++) claimDataFolder(folder)()
    expect(readdirSync(folder)).toEqual(['lock.5'])
  })

  it.each([
    ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, born: 'x/1' })],
    ['an earlier process with our id, as in a container', JSON.stringify({ pid: process.pid, born: 'boot/1' })],
    ['nobody', 'null'],
  ])('is not stopped by a claim of %s', (_, content) => {
    writeFileSync(join(folder, 'lock.7'), content)
    claimDataFolder(folder)()
    expect(readdirSync(folder)).toEqual(['lock.8'])
  })

  it('keeps a second process out until the first is killed', async () => {
    const first = spawnChild('hold', folder)
    try {
      await first.until((lines) => lines.some((line) => line.startsWith('migrated')))
      const second = spawnChild('open', folder)
      await second.ended()
      expect(second.lines).toEqual([`failed the data folder ${folder} is in use by process ${first.pid}`])
    } finally {
      await first.kill()
    }
    const third = spawnChild('open', folder)
    await third.ended()
    expect(third.lines).toEqual(['migrated '])
  }, 60_000)
})
