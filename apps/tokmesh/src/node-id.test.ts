import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { nodeIdOf } from './node-id.ts'

const folder = mkdtempSync(join(tmpdir(), 'tokmesh-node-id-'))
afterAll(() => rmSync(folder, { recursive: true }))
const generated = /^tmnd-[0-7][0-9a-hjkmnp-tv-z]{25}$/

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
  const impossible = join(folder, 'node_id', 'below-a-file')
  expect(nodeIdOf('', impossible)).toMatch(generated)
})
