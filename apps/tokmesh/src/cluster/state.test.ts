import { describe, expect, it } from 'vitest'
import type { NodeRow } from '../store/cluster-nodes.ts'
import { nodesOf, stateOf } from './state.ts'

const row = (nodeId: string, status: NodeRow['status'], ageMs = 300, isLeader = false): NodeRow => ({
  ...{ nodeId, status, ageMs, isLeader, instance: `of ${nodeId}`, address: 'a:1', version: '1' },
  ...{ lastHeartbeat: 1, uptimeSeconds: 1, sessionsCount: 0 },
})
/** `a` active, `s` silent, `d` draining, `g` gone while draining, `l` left. */
const rowsOf = (word: string) =>
  [...word].map((letter, i) => {
    if (letter === 'a') return row(`n${i}`, 'active')
    if (letter === 's') return row(`n${i}`, 'active', 5_000)
    if (letter === 'd') return row(`n${i}`, 'draining')
    return letter === 'g' ? row(`n${i}`, 'draining', 60_000) : row(`n${i}`, 'left')
  })

describe('what follows from the nodes', () => {
  it.each([
    ['', 0, 0, 1, false, 'healthy', []],
    ['a', 1, 1, 1, false, 'healthy', []],
    ['aa', 2, 2, 2, false, 'degraded', ['Even nodes: 2']],
    ['aaa', 3, 3, 2, false, 'healthy', []],
    ['aas', 3, 2, 2, false, 'degraded', ['Node down: n2']],
    ['ass', 3, 1, 2, true, 'quorum_lost', ['Quorum lost: 1 of 3 active', 'Node down: n1', 'Node down: n2']],
    ['as', 2, 1, 2, true, 'quorum_lost', ['Quorum lost: 1 of 2 active', 'Even nodes: 2', 'Node down: n1']],
    // Who leaves in order takes its part of the quorum along.
    ['aal', 2, 2, 2, false, 'degraded', ['Even nodes: 2']],
    ['all', 1, 1, 1, false, 'healthy', []],
    ['aad', 2, 2, 2, false, 'degraded', ['Even nodes: 2']],
    ['agg', 1, 1, 1, false, 'healthy', []],
    ['d', 0, 0, 1, false, 'healthy', []],
    ['aaaas', 5, 4, 3, false, 'degraded', ['Node down: n4']],
    [
      'aasss',
      5,
      2,
      3,
      true,
      'quorum_lost',
      ['Quorum lost: 2 of 5 active', ...[2, 3, 4].map((i) => `Node down: n${i}`)],
    ],
  ] as const)('%j: %i members, %i active, quorum %i', (word, members, active, quorum, isQuorumLost, state, reasons) => {
    expect(stateOf(nodesOf(rowsOf(word)))).toMatchObject({
      ...{ members, activeMembers: active, quorum, isQuorumLost, state, reasons },
    })
  })

  it('lets rows grow old when nobody has looked again, and trusts no lock of a node that is down', () => {
    const rows = [row('n0', 'active', 300, true), row('n1', 'draining', 300)]
    const statuses = (lookedMs: number) =>
      nodesOf(rows, lookedMs).map((node) => [node.status, node.hasLeft, node.isLeader])
    expect(statuses(4_699)).toEqual([
      ['active', false, true],
      ['draining', false, false],
    ])
    expect(statuses(4_700)).toEqual([
      ['down', false, false],
      ['down', true, false],
    ])
  })

  it('tells nobody which process has a row', () => {
    expect(Object.keys(nodesOf([row('n0', 'active')])[0] ?? {})).not.toContain('instance')
  })
})
