/** Tells operators what becomes of the cluster. */
import type { LogLevel } from '@honoscope/logging'
import type { Log } from '../log.ts'
import type { ClusterNode, ClusterState } from './cluster.ts'
import { isEven } from './state.ts'

type Line = readonly [LogLevel, string]

const lines: Readonly<Record<string, Line>> = {
  active: ['info', 'node joined'],
  draining: ['info', 'node is leaving'],
  left: ['info', 'node left'],
  down: ['warn', 'node down'],
  removed: ['info', 'node removed'],
}

/** Returns a function that logs what has changed since its last call; the nodes of the first one are no news. */
export function changesLog(log: Log, ownId: string): (state: ClusterState) => void {
  let known: ReadonlyMap<string, string> | undefined
  let evenMembers = 0
  let wasLost = false
  const tell = ([level, message]: Line, fields: Readonly<Record<string, unknown>>) =>
    log(level, 'tokmesh.cluster', message, fields)

  return ({ nodes, members, activeMembers, quorum, isQuorumLost }) => {
    const now = new Map(nodes.map((node) => [node.nodeId, wordOf(node)]))
    for (const [nodeId, word] of changed(known ?? now, now)) {
      const line = lines[word]
      if (line && nodeId !== ownId) tell(line, { node_id: nodeId })
    }
    known = now

    const even = isEven(members) ? members : 0
    if (even !== evenMembers)
      tell(even > 0 ? ['warn', 'even number of nodes'] : ['info', 'odd number of nodes again'], { members })
    evenMembers = even

    if (isQuorumLost !== wasLost)
      tell(isQuorumLost ? ['error', 'quorum lost'] : ['info', 'quorum regained'], { members, activeMembers, quorum })
    wasLost = isQuorumLost
  }
}

const wordOf = ({ status, hasLeft }: ClusterNode): string => (hasLeft ? 'left' : status)

function changed(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): [string, string][] {
  const different = [...now].filter(([nodeId, word]) => before.get(nodeId) !== word)
  const gone = [...before.keys()].filter((nodeId) => !now.has(nodeId))
  return [...different, ...gone.map((nodeId): [string, string] => [nodeId, 'removed'])]
}
