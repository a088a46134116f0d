import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createUlid } from '@honoscope/api-key'
import { describeError } from '@honoscope/logging'
import type { Log } from './log.ts'

const pattern = /^tmnd-[A-Za-z0-9._-]{1,123}$/

/**
 * The id of this node: the configured one, else the one kept in `<dataDir>/node_id`, made at the first start.
 * Where the folder can't be written, and for `memory://`, it is a new one each time; of the former the log is told.
 */
export function nodeIdOf(configured: string, dataDir: string, log: Log): string {
  if (configured !== '') return configured
  if (dataDir === 'memory://') return newNodeId()
  const file = join(dataDir, 'node_id')
  const kept = read(file)
  if (kept !== undefined) return kept
  const id = newNodeId()
  try {
    mkdirSync(dataDir, { recursive: true })
    writeFileSync(file, `${id}\n`)
  } catch (error) {
    // The contract's answer is a new id at each start.
    const message = 'the node id cannot be kept in storage.data_dir: there is a new one at each start'
    log('warn', 'tokmesh.storage', message, { node_id: id, ...describeError(error) })
  }
  return id
}

function read(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim()
    return pattern.test(text) ? text : undefined
  } catch {
    return undefined
  }
}

function newNodeId(): string {
  return `tmnd-${createUlid()()}`
}
