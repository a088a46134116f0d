/** Declarations of the admin routes beside keys and audit: the contract's sections 4.12, 4.13 and 4.18. */
import { z } from 'zod'
import { unixMs } from './answers.ts'
import { operation } from './operation.ts'
import { triggerGc as body } from './schemas.ts'

const wholeNumber = (description: string) => z.int().min(0).meta({ description })

const summary = z
  .strictObject({
    uptime_seconds: wholeNumber('Age of this process.'),
    total_sessions: wholeNumber('`tokmesh_shard_keys_count` of this node.'),
    active_sessions: wholeNumber('`tokmesh_sessions_active_total` of this node.'),
    memory_usage_mb: z.number().meta({ description: 'Resident memory, in units of 1,048,576 bytes.' }),
    current_qps: z.number().meta({ description: 'Requests answered per second, mean of the last 10 s.' }),
    cluster_state: z.enum(['healthy', 'degraded', 'quorum_lost']),
    cluster_state_reasons: z.array(z.string()),
    version: z.string(),
    node_id: z.string(),
  })
  .meta({ id: 'StatusSummary' })

export const statusSummary = operation({
  id: 'statusSummary',
  method: 'GET',
  path: '/admin/v1/status/summary',
  tag: 'Administration',
  summary: 'How this node is',
  description: 'The numbers are those of `/metrics`, at most 1 s old.',
  roles: ['admin'],
  data: summary,
  errors: [],
})

export const triggerGc = operation({
  id: 'triggerGc',
  method: 'POST',
  path: '/admin/v1/gc/trigger',
  tag: 'Administration',
  summary: 'Clean up now',
  description: 'Each type once a minute and node. Nothing depends on it but numbers and space.',
  roles: ['admin'],
  replay: 'always',
  audit: 'GC_TRIGGERED',
  body,
  data: z.strictObject({
    cleaned_count: wholeNumber('Expired sessions that became tombstones.'),
    duration_ms: wholeNumber('How long it took.'),
    freed_memory_mb: z.number().optional().meta({ description: 'Only where memory was looked at.' }),
  }),
  errors: ['TM-ARG-1001', 'TM-ADMIN-4291', 'TM-ADMIN-5001'],
})

const node = z
  .strictObject({
    node_id: z.string(),
    address: z.string().meta({ description: 'host:port for the other nodes.' }),
    status: z.enum(['active', 'draining', 'down']),
    role: z.enum(['leader', 'member']),
    version: z.string(),
    uptime_seconds: wholeNumber('Age of its process.'),
    last_heartbeat: unixMs(),
    metrics: z.strictObject({
      sessions_count: wholeNumber('Sessions of its shards without tombstones.'),
      vnodes: wholeNumber('Points on the ring of shards.'),
    }),
  })
  .meta({ id: 'Node' })

/** A node as clients see it. */
export type NodeJson = z.infer<typeof node>

export const listNodes = operation({
  id: 'listNodes',
  method: 'GET',
  path: '/admin/v1/cluster/nodes',
  tag: 'Administration',
  summary: 'List the nodes',
  roles: ['admin'],
  data: z.strictObject({
    nodes: z.array(node),
    cluster_id: z.string().meta({ description: 'UUID, made once and kept in the database.' }),
    leader_id: z.string().meta({ description: 'Empty while there is no leader.' }),
  }),
  errors: ['TM-CLST-5030', 'TM-CLST-5040'],
})
