/** How a process comes by its node id. */
import { setTimeout as pause } from 'node:timers/promises'
import { TokMeshError } from '../domain/errors.ts'
import type { NodeStore } from '../store/cluster-nodes.ts'
import { isUnreachable } from '../store/faults.ts'

/** Pause before another try, while the id is taken or the database can't be reached. */
export const retryMs = 250

/** Options of {@link untilEntered}. */
export interface Entering extends Pick<NodeStore, 'pulse'> {
  /** Whether it is in now. */
  readonly enter: () => Promise<boolean>
  /** Nobody waits any more. */
  readonly isOver: () => boolean
}

/**
 * Tries until it is in. Whoever has the id may have been killed a moment ago, so it is looked for a sign of life; with
 * one this rejects with `TM-CLST-4090`.
 */
export async function untilEntered({ enter, pulse, isOver }: Entering): Promise<void> {
  let first: string | undefined
  while (!isOver()) {
    try {
      if (await enter()) return
      const seen = await pulse()
      first ??= seen
      if (seen !== undefined && seen !== first)
        throw new TokMeshError('TM-CLST-4090', 'A living node has this node id; each needs its own cluster.node_id.')
    } catch (error) {
      if (!isUnreachable(error)) throw error
    }
    await pause(retryMs)
  }
  throw new TokMeshError('TM-SYS-5030', 'The node was told to stop before it had joined.')
}
