/** This node's row in the membership table, and what it sees of the others': the contract's section 10.1. */
import { runInScope } from '@honoscope/core'
import { describeError } from '@honoscope/logging'
import type { Log } from '../log.ts'
import type { Entry, NodeRow, NodeStore } from '../store/cluster-nodes.ts'
import { type ClusterNode, downAfterMs } from './cluster.ts'
import { retryMs, untilEntered } from './entering.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { nodesOf } from './state.ts'
import type { Subscription } from './subscription.ts'

/** Options of {@link createMembership}. */
export interface MembershipOptions {
  readonly nodeId: string
  /** What this node says of itself, at the moment. */
  readonly entry: () => Entry
  readonly store: NodeStore
  readonly subscription: Pick<Subscription, 'sender' | 'publish'>
  /** Sessions of this node's shards, as far as known. */
  readonly sessionsCount: () => number
  readonly log: Log
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Between two heartbeats. */
  readonly heartbeatMs: number
  /** The nodes may have changed. It must not throw. */
  readonly onChange: () => void
  /** Called with each heartbeat that got through, after the look at the others. */
  readonly onBeat: () => Promise<void>
}

/** See {@link createMembership}. */
export interface Membership {
  /** The nodes as of the last look; those that are not heard of since then grow old. */
  nodes(): readonly ClusterNode[]
  /** Which process has the row of an active node, by its {@link Subscription.sender}. */
  activeInstances(): readonly string[]
  /** Whether this node is an active member, as far as it can know: its heartbeats get through. */
  isActive(): boolean
  fault(): string | undefined
  join(signal: AbortSignal): Promise<void>
  /** Looks at the table now, or right after the look under way. Never rejects. */
  look(): Promise<void>
  drain(): Promise<void>
  leave(): Promise<void>
}

/** `ousted`: another process has the row. */
type Phase = 'outside' | 'member' | 'ousted' | 'left'

/** Returns the membership of this node, which begins with `join`. Its timers do not keep the process alive. */
export function createMembership(options: MembershipOptions): Membership {
  const { nodeId, entry, store, subscription, sessionsCount, log, now, heartbeatMs, onChange, onBeat } = options
  const instance = subscription.sender
  let phase: Phase = 'outside'
  let isDraining = false
  let rows: readonly NodeRow[] = []
  let lookedAt = Number.NEGATIVE_INFINITY
  let beatAt = Number.NEGATIVE_INFINITY
  let isFailing = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const nodes = (): readonly ClusterNode[] => {
    const seen = nodesOf(rows, now() - lookedAt)
    if (phase !== 'member') return seen
    // Of itself a node knows better than what it read a second ago.
    const status = isDraining ? 'draining' : 'active'
    return seen.map((node, at) => (rows[at]?.instance === instance ? { ...node, status, hasLeft: false } : node))
  }
  const activeInstances = () => {
    const active = new Set(nodes().flatMap((node) => (node.status === 'active' ? [node.nodeId] : [])))
    return rows.flatMap((row) => (active.has(row.nodeId) ? [row.instance] : []))
  }
  const isStale = () => now() - beatAt >= downAfterMs
  const note = (level: 'info' | 'warn' | 'error', message: string, error?: unknown) =>
    log(level, 'tokmesh.cluster', message, { node_id: nodeId, ...(error !== undefined && describeError(error)) })

  const read = async () => {
    const at = now()
    const found = await store.list()
    if (at < lookedAt) return
    rows = found
    lookedAt = at
    onChange()
  }
  const tell = () => subscription.publish('members')
  const look = oneAtATime(() => read().catch(() => {}))

  /** Makes the row, or makes it again: it is removed after a day, and another process may take it. */
  const enter = async () => {
    if (!(await store.claim(entry()))) return false
    // Its end may have begun meanwhile, and was then told to the table after this claim.
    if (phase === 'left') return true
    phase = 'member'
    beatAt = now()
    await tell()
    return true
  }

  const beat = async () => {
    const at = now()
    const status = isDraining ? 'draining' : 'active'
    if (await store.beat(status, sessionsCount())) {
      if (phase === 'ousted') note('info', 'the row of this node is its own again')
      if (phase !== 'left') phase = 'member'
      beatAt = at
      await subscription.publish('heartbeat', nodeId)
    } else if (phase !== 'left' && !isDraining) {
      if (await enter()) note('info', 'node joined again')
      else {
        if (phase === 'member') note('error', 'another process has the id of this node')
        phase = 'ousted'
      }
    }
    await read()
    await onBeat()
  }

  const tick = async () => {
    const startedAt = now()
    let nextMs = heartbeatMs
    try {
      await beat()
      if (isFailing) note('info', 'heartbeats get through again')
      isFailing = false
    } catch (error) {
      if (!isFailing) note('warn', 'the heartbeat failed; trying on', error)
      isFailing = true
      nextMs = Math.min(retryMs, heartbeatMs)
    }
    onChange()
    schedule(Math.max(10, nextMs - (now() - startedAt)))
  }

  const schedule = (ms: number) => {
    if (phase === 'left') return
    timer = setTimeout(() => void runInScope(undefined, tick), ms)
    timer.unref()
  }

  return {
    nodes,
    activeInstances,
    isActive: () => phase === 'member' && !isDraining && !isStale(),
    fault() {
      if (phase === 'outside') return 'initializing'
      if (phase === 'ousted') return 'another process has the id of this node'
      if (phase === 'member' && isStale()) return 'no heartbeat gets through'
      return undefined
    },
    look,
    async join(signal) {
      await untilEntered({ enter, pulse: store.pulse, isOver: () => signal.aborted || phase === 'left' })
      note('info', 'node joined')
      await look()
      schedule(0)
    },
    async drain() {
      if (isDraining) return
      isDraining = true
      onChange()
      if (phase !== 'member') return
      await quietly(() => store.beat('draining', sessionsCount()))
      await quietly(() => store.resign())
      await quietly(tell)
    },
    async leave() {
      if (phase === 'left') return
      phase = 'left'
      clearTimeout(timer)
      await quietly(() => store.leave())
      await quietly(tell)
    },
  }
}

/** At the end of a node: what can't be told any more is seen by the others all the same, seconds later. */
const quietly = (step: () => Promise<unknown>): Promise<void> =>
  step().then(
    () => {},
    () => {},
  )
