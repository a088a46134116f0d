import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { createLog } from './log.ts'
import { nodeIdOf as idOf } from './node-id.ts'

const folder = mkdtempSync(join(tmpdir(), 'tokmesh-node-id-'))
afterAll(() => rmSync(folder, { recursive: true }))
const generated = /^tmnd-[0-7][0-9a-hjkmnp-tv-z]{25}$/

const logged: string[] = []
const log = createLog({ write: (line) => logged.push(line) })
const nodeIdOf = (configured: string, dataDir: string) => idOf(configured, dataDir, log)

it('is the configured one', () => expect(nodeIdOf('tmnd-Mine', folder)).toBe('tmnd-Mine'))

it('is made once and kept in the data folder', () => {
  const data = join(folder, 'new', 'data')
  const id = nodeIdOf('', data)
  expect(id).toMatch(generated)
  expect(nodeIdOf('', data)).toBe(id)
  expect(readFileSync(join(data, 'node_id'), 'utf8')).toBe(`${id}\n`)
})

it('is made anew for a file that holds no id, for memory, and where nothing can be written', () => {
  writeFileSync(join(folder, 'node_id'), 'nonsense')
  const id = nodeIdOf('', folder)
  expect(id).toMatch(generated)
  expect(nodeIdOf('', folder)).toBe(id)
  expect(nodeIdOf('', 'memory://')).not.toBe(nodeIdOf('', 'memory://'))
  expect(logged).toEqual([])
  const impossible = join(folder, 'node_id', 'below-a-file')
  const passing = nodeIdOf('', impossible)
  expect(passing).toMatch(generated)
  expect(logged.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'WARN', node_id: passing, error_code: 'ENOTDIR', message: expect.stringContaining('storage.data_dir') },
  ])
})
