/** Runs random sequences of calls against a service and the model; the sequence that tells them apart is shrunk. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabase } from '@honoscope/testing/postgres'
import fc from 'fast-check'
import { carryOut, commands } from './commands.ts'
import { createModel } from './model.ts'
import { type DatabaseKind, type Node, startNode } from './support.ts'

const limits = { maxPerUser: 3, tombstoneTtlMs: 60_000 }

/** Rejects with the shortest sequence found on which service and model disagree, among `runs` random ones. */
export async function compareWithModel(kind: DatabaseKind, runs: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tokmesh-model-'))
  const database = kind === 'postgres' ? await testDatabase() : undefined
  const environment = {
    TOKMESH_STORAGE_DATA_DIR: folder,
    TOKMESH_SESSION_QUOTA_MAX_PER_USER: String(limits.maxPerUser),
    TOKMESH_SESSION_TOMBSTONE_TTL: '1m',
    ...(database && { DATABASE_URL: database.url }),
  }
  const clock = { now: Date.now() }
  const start = async (): Promise<Node> => {
    const started = await startNode(kind, environment, () => clock.now)
    await started.service.prepared
    return started
  }
  let node = await start()
  let run = 0
  const property = fc.asyncProperty(commands, async (sequence) => {
    run += 1
    const restart = async () => {
      await node.stop()
      node = await start()
    }
    const users = [`a${run}`, `b${run}`] as const
    const world = { model: createModel(limits), users, clock, node: () => node, restart }
    for (const command of sequence) await carryOut(command, world)
  })
  try {
    await fc.assert(property, { numRuns: runs })
  } finally {
    await node.stop()
    await database?.drop()
    await rm(folder, { recursive: true, force: true })
  }
}
