/** `/admin/v1` beside keys and audit: the contract's sections 4.12, 4.13 and 4.18. */
import { Hono } from 'hono'
import type { Cluster, ClusterNode } from '../cluster/cluster.ts'
import { type GcReport, type GcType, gcTypes } from '../domain/gc.ts'
import type { SessionCounts } from '../domain/session-store.ts'
import { noteForAudit } from '../http/audit-note.ts'
import type { AppEnv } from '../http/env.ts'
import { oneOf } from '../http/fields.ts'
import { version } from '../version.ts'
import { listNodes, type NodeJson, statusSummary, triggerGc } from './admin-operations.ts'
import type { RouteDeps } from './deps.ts'
import { serve } from './serve.ts'

/** What the admin routes look at. */
export interface AdminDeps {
  readonly cluster: Pick<Cluster, 'nodeId' | 'state' | 'nodes'>
  readonly clusterId: () => Promise<string>
  /** The numbers that the metrics show, at most 1 s old. */
  readonly figures: Figures
  readonly collectGarbage: (type: GcType) => Promise<GcReport>
}

/** Numbers that the status summary and the metrics have in common. */
export interface Figures {
  readonly counts: () => Promise<SessionCounts>
  readonly memoryBytes: () => number
  readonly requestsPerSecond: () => number
}

const megabyte = 1_048_576

/** Points of a node on the ring of shards: the contract's section 10.1. */
const virtualNodes = 256

const uptimeSeconds = () => Math.floor(process.uptime())

/** The admin routes. They stand behind the guard of `/admin/v1`. */
export function adminRoutes(admin: AdminDeps, deps: RouteDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const { cluster, figures } = admin

  serve(app, deps, statusSummary, async () => {
    const { active, kept } = await figures.counts()
    const { state, reasons } = cluster.state()
    return {
      uptime_seconds: uptimeSeconds(),
      total_sessions: kept,
      active_sessions: active,
      memory_usage_mb: figures.memoryBytes() / megabyte,
      current_qps: figures.requestsPerSecond(),
      cluster_state: state,
      cluster_state_reasons: [...reasons],
      version,
      node_id: cluster.nodeId,
    }
  })

  serve(app, deps, triggerGc, async ({ body, c }) => {
    const type = oneOf(body.type ?? 'expired_sessions', 'type', gcTypes)
    noteForAudit(c, { resource: `gc:${type}` })
    const { cleaned, durationMs, freedBytes } = await admin.collectGarbage(type)
    noteForAudit(c, { details: { cleaned_count: cleaned } })
    const freed = freedBytes === undefined ? {} : { freed_memory_mb: freedBytes / megabyte }
    return { cleaned_count: cleaned, duration_ms: durationMs, ...freed }
  })

  serve(app, deps, listNodes, async () => {
    const nodes = await cluster.nodes()
    const { kept } = await figures.counts()
    const leader = nodes.find(({ isLeader }) => isLeader)
    // Of itself a node knows better than what it said with its last heartbeat.
    const countOf = (node: ClusterNode) => (node.nodeId === cluster.nodeId ? kept : node.sessionsCount)
    return {
      nodes: nodes.map((node) => nodeJson(node, countOf(node))),
      cluster_id: await admin.clusterId(),
      leader_id: leader?.nodeId ?? '',
    }
  })

  return app
}

function nodeJson(node: ClusterNode, sessionsCount: number): NodeJson {
  return {
    node_id: node.nodeId,
    address: node.address,
    status: node.status,
    role: node.isLeader ? 'leader' : 'member',
    version: node.version,
    uptime_seconds: node.uptimeSeconds,
    last_heartbeat: node.lastHeartbeat,
    metrics: { sessions_count: sessionsCount, vnodes: virtualNodes },
  }
}
