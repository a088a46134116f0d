/** The membership table. Every time in it is the database's, whatever the clocks of the nodes show. */
import { sql } from 'drizzle-orm'
import { downAfterMs } from '../cluster/cluster.ts'
import type { Subscription } from '../cluster/subscription.ts'
import type { Database } from './database.ts'

/** A row, as one look found it. */
export interface NodeRow {
  readonly nodeId: string
  /** The {@link Subscription.sender} of the process that has the row. */
  readonly instance: string
  /** host:port. */
  readonly address: string
  readonly version: string
  /** As the process said with its last heartbeat, which may be long ago. */
  readonly status: 'active' | 'draining' | 'left'
  /** Since its last heartbeat. */
  readonly ageMs: number
  /** Unix ms. */
  readonly lastHeartbeat: number
  /** Age of its process at its last heartbeat. */
  readonly uptimeSeconds: number
  readonly sessionsCount: number
  /** Its connection holds the leader's lock. */
  readonly isLeader: boolean
}

/** What a node says of itself when it enters. */
export interface Entry {
  readonly address: string
  readonly version: string
  readonly uptimeSeconds: number
}

/** What a node does with the table. Every method rejects as {@link Subscription.query} does. */
export interface NodeStore {
  /** Makes this process's row, or takes one that was left or whose heartbeat has stopped. False: a living one has it. */
  claim(entry: Entry): Promise<boolean>
  /** Changes with every heartbeat of whoever has this node's id; `undefined`: nobody has. */
  pulse(): Promise<string | undefined>
  /** False: the row is not, or no longer, this process's. */
  beat(status: 'active' | 'draining', sessionsCount: number): Promise<boolean>
  /** All rows by node id. */
  list(): Promise<readonly NodeRow[]>
  /** Says that this process has left. */
  leave(): Promise<void>
  /** Takes the leader's lock when nobody has it; whether this connection has it now. */
  lead(): Promise<boolean>
  /** Gives the lock back. */
  resign(): Promise<void>
  /** Deletes nodes that have not been heard of for a day; their ids. */
  removeOld(): Promise<readonly string[]>
}

// Any two numbers will do; those of the migrations and of the first keys are one number each, another space.
const leaderLock = '18775, 6'

const silent = `heartbeat_at < clock_timestamp() - interval '${downAfterMs} milliseconds'`

const claim = `
insert into cluster_nodes (node_id, instance, address, version, status, backend_pid, started_at, heartbeat_at,
    sessions_count)
  values ($1::text, $2::text, $3::text, $4::text, 'active', pg_backend_pid(),
    clock_timestamp() - make_interval(secs => $5::float8), clock_timestamp(), 0)
  on conflict (node_id) do update set (instance, address, version, status, backend_pid, started_at, heartbeat_at,
    sessions_count) = (excluded.instance, excluded.address, excluded.version, excluded.status, excluded.backend_pid,
    excluded.started_at, excluded.heartbeat_at, excluded.sessions_count)
  where cluster_nodes.instance = excluded.instance or cluster_nodes.status = 'left' or cluster_nodes.${silent}
  returning node_id`

const pulse = `select instance || ' ' || heartbeat_at::text as pulse from cluster_nodes where node_id = $1::text`

const beat = `
update cluster_nodes set heartbeat_at = clock_timestamp(), status = $3::text, sessions_count = $4::bigint,
    backend_pid = pg_backend_pid()
  where node_id = $1::text and instance = $2::text and status <> 'left' returning node_id`

const leave = `
update cluster_nodes set heartbeat_at = clock_timestamp(), status = 'left'
  where node_id = $1::text and instance = $2::text`

const holders = `
select pid from pg_locks
  where locktype = 'advisory' and granted and (classid, objid, objsubid) = (${leaderLock}, 2)
    and database = (select oid from pg_database where datname = current_database())`

const list = `
select node_id as "nodeId", instance, address, version, status,
    (extract(epoch from clock_timestamp() - heartbeat_at) * 1000)::float8 as "ageMs",
    floor(extract(epoch from heartbeat_at) * 1000)::float8 as "lastHeartbeat",
    floor(extract(epoch from heartbeat_at - started_at))::float8 as "uptimeSeconds",
    sessions_count::float8 as "sessionsCount", holder.pid is not null as "isLeader"
  from cluster_nodes left join (${holders}) as holder on holder.pid = backend_pid
  order by node_id`

// A lock that is taken twice has to be given back twice.
const lead = `
select case when exists (select from (${holders}) as holder where pid = pg_backend_pid()) then true
  else pg_try_advisory_lock(${leaderLock}) end as leads`

const removeOld = `delete from cluster_nodes where heartbeat_at < clock_timestamp() - interval '24 hours' returning node_id`

interface Named {
  readonly node_id: string
}

/** Returns the table as the process `instance` with the id `nodeId` uses it, over its own connection. */
export function createNodeStore(query: Subscription['query'], nodeId: string, instance: string): NodeStore {
  return {
    async claim({ address, version, uptimeSeconds }) {
      return (await query(claim, [nodeId, instance, address, version, uptimeSeconds])).length > 0
    },
    pulse: async () => (await query<{ pulse: string }>(pulse, [nodeId]))[0]?.pulse,
    beat: async (status, sessionsCount) => (await query(beat, [nodeId, instance, status, sessionsCount])).length > 0,
    list: () => query<NodeRow>(list),
    async leave() {
      await query(leave, [nodeId, instance])
    },
    lead: async () => (await query<{ leads: boolean }>(lead))[0]?.leads === true,
    async resign() {
      await query(`select pg_advisory_unlock(${leaderLock})`)
    },
    removeOld: async () => (await query<Named>(removeOld)).map(({ node_id }) => node_id),
  }
}

/** Resolves to all rows by node id, over any connection. Rejects as {@link Database.run} does. */
export async function listNodes({ run }: Database): Promise<readonly NodeRow[]> {
  const rows = await run((db) =>
    db
      .select({ row: sql<NodeRow>`to_json(seen)` })
      .from(sql`(${sql.raw(list)}) as seen`)
      .orderBy(sql`"nodeId"`),
  )
  return rows.map(({ row }) => row)
}

/** Resolves to the number of the last change that is committed. Rejects as {@link Database.run} does. */
export async function lastChange({ run }: Database): Promise<number> {
  const [row] = await run((db) => db.select({ seq: sql<number>`seq::float8` }).from(sql`changes`))
  return row?.seq ?? 0
}
