/** Load on a cluster, and what goes wrong with it. */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterNode, TestCluster } from '../../../apps/tokmesh/src/acceptance/cluster/nodes.ts'

/** Something that goes on until it is stopped. */
export interface Ongoing {
  /** Ends it, and waits for what is under way. */
  stop(): Promise<void>
}

/** Does `work` over and over, `perSecond` times, however long each takes; at most `atOnce` are under way. */
function repeat(perSecond: number, work: (turn: number) => Promise<unknown>, atOnce = 20): Ongoing {
  let stopped = false
  const under = new Set<Promise<unknown>>()
  const running = (async () => {
    for (let turn = 0; !stopped; turn++) {
      await pause(1_000 / perSecond)
      if (under.size >= atOnce) continue
      const one: Promise<unknown> = work(turn).finally(() => under.delete(one))
      under.add(one)
    }
    await Promise.all(under)
  })()
  return {
    async stop() {
      stopped = true
      await running
    },
  }
}

const patienceMs = 5_000

/** What clients do all day: sessions are made and their tokens validated, at every node. */
export async function startLoad({ nodes, issuer }: TestCluster, perSecond = 30): Promise<Ongoing> {
  const tokens: string[] = []
  const create = async (node: ClusterNode | undefined) => {
    const body = { user_id: randomBytes(6).toString('hex') }
    const made = await node?.ask('POST', '/sessions', { key: issuer, body, patienceMs })
    if (made?.status === 201) tokens.push(made.data.token)
  }
  for (let turn = 0; turn < 10; turn++) await create(nodes[turn % nodes.length])
  return repeat(perSecond, async (turn) => {
    const node = nodes[turn % nodes.length]
    if (turn % 30 === 0) return create(node)
    const body = { token: tokens[turn % tokens.length] }
    await node?.ask('POST', '/tokens/validate', { key: issuer, body, patienceMs })
  })
}

/** Somebody tries keys that there are not, at every node. */
export function failAuthentication({ nodes, issuer }: TestCluster, perSecond = 10): Ongoing {
  const wrong = `${issuer.slice(0, -6)}000000`
  return repeat(perSecond, async (turn) => {
    const body = { token: 'none' }
    await nodes[turn % nodes.length]?.ask('POST', '/tokens/validate', { key: wrong, body, patienceMs })
  })
}

/**
 * The database answers in gusts: what is asked in a pause waits for its end. Now and then clients validate a token that
 * no node remembers and that has to be read: a few in a hundred, which is slow at P99 and far from an outage.
 */
export function slowDatabase({ nodes, issuer }: TestCluster, pauseMs = 350): Ongoing {
  const gusts = repeat(2, async () => {
    for (const { proxy } of nodes) proxy.freeze()
    await pause(pauseMs)
    for (const { proxy } of nodes) proxy.thaw()
  })
  const asking = repeat(1.5, async (turn) => {
    const body = { token: `tmtk_${randomBytes(32).toString('base64url')}` }
    await nodes[turn % nodes.length]?.ask('POST', '/tokens/validate', { key: issuer, body, patienceMs })
  })
  return {
    async stop() {
      await Promise.all([gusts.stop(), asking.stop()])
    },
  }
}

/**
 * The network between the nodes and the database is cut, again and again: connections stay open, and nothing passes.
 * Each time is longer than memory may answer, 2 s, and shorter than a node is taken for dead.
 */
export function cutDatabase({ nodes }: TestCluster): Ongoing {
  return repeat(
    1,
    async () => {
      for (const { proxy } of nodes) proxy.freeze()
      await pause(3_000)
      for (const { proxy } of nodes) proxy.thaw()
      await pause(3_000)
    },
    1,
  )
}

/** Nodes are killed, and started again in the end. */
export async function killNodes(nodes: readonly ClusterNode[]): Promise<Ongoing> {
  await Promise.all(nodes.map((node) => node.kill('SIGKILL')))
  return {
    async stop() {
      await Promise.all(nodes.map((node) => node.start()))
    },
  }
}
