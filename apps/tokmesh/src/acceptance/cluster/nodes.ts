/** Nodes of a cluster as processes of their own, over one PostgreSQL, with the faults that may befall them. */
import { fileURLToPath } from 'node:url'
import { samplesOf, until } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import { startTcpProxy, type TcpProxy } from '@honoscope/testing/tcp-proxy'
import postgres from 'postgres'
import { type Child, freePort, startChild } from '../child.ts'
import { adminKey, metricsKey } from '../support.ts'
import { type Ask, asker, type Target } from './ask.ts'

/** A node of the cluster. */
export interface ClusterNode extends Target {
  readonly nodeId: string
  readonly ask: Ask
  /** Stands between this node and the database. */
  readonly proxy: TcpProxy
  readonly child: () => Child
  /** SIGSTOP: the process stands still, and its connections stay open. */
  freeze(): void
  thaw(): void
  /** Ends the process and resolves to its exit code. */
  kill(signal: NodeJS.Signals): Promise<number | null>
  /** Starts it again, where it was, and resolves when it is ready. */
  start(): Promise<void>
  /** Sum of the samples of a metric whose labels include these. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>
}

/** What a test works with. */
export interface TestCluster {
  readonly nodes: readonly ClusterNode[]
  /** A connection of the test's own to their database, past the proxies. */
  readonly sql: postgres.Sql
  /** Credential of an admin. */
  readonly admin: string
  /** Credential of an issuer whom no rate holds up. */
  readonly issuer: string
  stop(): Promise<void>
}

export interface TestClusterOptions {
  /** Default: 3. */
  readonly size?: number
  /** A database that is there already. Default: a new one, dropped at the end. */
  readonly databaseUrl?: string
  /** Environment of all nodes. */
  readonly environment?: Readonly<Record<string, string>>
  /** By how much the clock of each node is wrong, milliseconds. Default: 0. */
  readonly clockShiftsMs?: readonly number[]
}

/** Starts the nodes at once and resolves when all are ready and know each other. */
export async function startCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { size = 3, environment = {}, clockShiftsMs = [] } = options
  const database = options.databaseUrl === undefined ? await testDatabase() : undefined
  const databaseUrl = options.databaseUrl ?? database?.url ?? ''
  const sql = postgres(databaseUrl, { max: 4, onnotice: () => {}, backoff: () => 0.1, fetch_types: false })
  const nodes = await Promise.all(
    Array.from({ length: size }, (_, index) =>
      newNode({ index, databaseUrl, environment, clockShiftMs: clockShiftsMs[index] ?? 0 }),
    ),
  )
  const stop = async () => {
    for (const node of nodes) {
      node.proxy.thaw()
      node.thaw()
    }
    await Promise.all(nodes.map((node) => node.kill('SIGKILL')))
    await Promise.all(nodes.map((node) => node.proxy.stop()))
    await sql.end({ timeout: 1 })
    await database?.drop()
  }
  try {
    await Promise.all(nodes.map((node) => node.start()))
    await untilMembers(nodes, size)
    return { nodes, sql, admin: adminKey, issuer: await newIssuer(nodes), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Resolves when each of the nodes sees this many active ones. */
export async function untilMembers(nodes: readonly ClusterNode[], active: number, limitMs = 20_000): Promise<void> {
  const seen = () => Promise.all(nodes.map((node) => node.metric('tokmesh_cluster_nodes_total', { status: 'active' })))
  await until(async () => (await seen()).every((count) => count === active), limitMs)
}

interface NewNode {
  readonly index: number
  readonly databaseUrl: string
  readonly environment: Readonly<Record<string, string>>
  readonly clockShiftMs: number
}

const wrongClock = fileURLToPath(new URL('./wrong-clock.mjs', import.meta.url))

async function newNode({ index, databaseUrl, environment, clockShiftMs }: NewNode): Promise<ClusterNode> {
  const direct = new URL(databaseUrl)
  const proxy = await startTcpProxy(Number(direct.port))
  const through = new URL(databaseUrl)
  through.host = `127.0.0.1:${proxy.port}`
  const address = `127.0.0.1:${await freePort()}`
  const nodeId = `tmnd-node-${index + 1}`
  const variables = {
    DATABASE_URL: through.href,
    TOKMESH_SERVER_HTTP_ADDRESS: address,
    TOKMESH_CLUSTER_ENABLED: 'true',
    TOKMESH_CLUSTER_ADVERTISE_ADDRESS: address,
    TOKMESH_CLUSTER_NODE_ID: nodeId,
    TOKMESH_STORAGE_DATA_DIR: 'memory://',
    TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
    TOKMESH_BOOTSTRAP_METRICS_KEY: metricsKey,
    TOKMESH_TELEMETRY_LOGGING_LEVEL: 'warn',
    ...(clockShiftMs !== 0 && { CLOCK_SHIFT_MS: String(clockShiftMs) }),
    ...environment,
  }
  let child: Child | undefined
  const running = () => {
    if (!child) throw new Error(`${nodeId} was not started`)
    return child
  }
  const target = { index, url: `http://${address}`, clockShiftMs }
  const ask = asker(target)
  return {
    ...target,
    ...{ nodeId, proxy, ask, child: running },
    freeze: () => void running().process.kill('SIGSTOP'),
    thaw: () => void child?.process.kill('SIGCONT'),
    kill: async (signal) => (child ? child.kill(signal) : null),
    async start() {
      child = await startChild(variables, [], clockShiftMs === 0 ? undefined : wrongClock)
      await child.ready()
    },
    async metric(name, labels = {}) {
      const response = await fetch(`${target.url}/metrics`, { headers: { Authorization: `Bearer ${metricsKey}` } })
      const samples = samplesOf(await response.text()).filter(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      )
      return samples.reduce((total, { value }) => total + value, 0)
    },
  }
}

async function newIssuer(nodes: readonly ClusterNode[]): Promise<string> {
  const body = { role: 'issuer', rate_limit: 1_000_000 }
  const made = await nodes[0]?.ask('POST', '/admin/v1/keys', { key: adminKey, body })
  if (made?.status !== 201) throw new Error(`no key could be made: ${made?.code}`)
  return `${made.data.key_id}:${made.data.key_secret}`
}
