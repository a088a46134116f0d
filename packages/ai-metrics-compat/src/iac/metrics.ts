import type { Catalogue } from '@honoscope/core'
import { amount } from '../amount.ts'

/** Records what a platform for infrastructure as code does. Nothing here throws; wrong numbers are dropped and counted. */
export interface IacMetrics {
  /** A task of a workspace has ended: `iac_workspace_tasks_total{type,status}`, `iac_workspace_task_duration_seconds{type}`. */
  taskCompleted(type: string, status: string, seconds: number): void
  /** A workspace is no longer what its code says: `iac_workspace_drift_detected_total`. */
  driftDetected(): void
  /** So many agents of a pool are connected with this status now: `iac_agent_connections{pool_id,status}`. */
  agentConnections(pool: string, status: string, n: number): void
  /** A task was given to a pool: `iac_agent_tasks_dispatched_total{pool_id}`. */
  taskDispatched(pool: string): void
  /** A pool's agent has ended a task: `iac_agent_tasks_completed_total{pool_id,status}`. */
  taskFinished(pool: string, status: string): void
  /** Somebody tried to log in: `iac_auth_logins_total{status,method}`. */
  login(method: string, status: string): void
  /** A token was issued: `iac_auth_tokens_issued_total{type}`. */
  tokenIssued(type: string): void
}

/** What the platform calls its types and states is its own affair; 20 of each are told apart. */
const few = { open: 20 } as const
const pool = { open: 100 } as const

/** Seconds: a plan takes some, a large apply an hour. */
const taskBuckets: readonly number[] = [5, 15, 30, 60, 120, 300, 600, 1800, 3600]

/**
 * Returns the recorders, their metrics made in `catalogue`. The names begin with `iac_` whatever its prefix is.
 *
 * @throws TypeError when a metric of that name exists already.
 * @example
 * ```ts
 * import { createIacMetrics } from '@honoscope/ai-metrics-compat/iac'
 * import { createMetrics } from '@honoscope/metrics'
 *
 * const iac = createIacMetrics(createMetrics({ prefix: 'iac_' }))
 * iac.taskDispatched('pool-1')
 * iac.taskFinished('pool-1', 'success')
 * iac.taskCompleted('plan', 'success', 12.5)
 * ```
 */
export function createIacMetrics(catalogue: Catalogue): IacMetrics {
  return { ...workspaceRecorders(catalogue), ...agentRecorders(catalogue), ...authRecorders(catalogue) }
}

const prefix = 'iac_'

type Workspace = Pick<IacMetrics, 'taskCompleted' | 'driftDetected'>

function workspaceRecorders(catalogue: Catalogue): Workspace {
  const tasks = catalogue.counter({
    prefix,
    name: 'workspace_tasks_total',
    help: 'Workspace tasks that have ended.',
    labels: { type: few, status: few },
  })
  const durations = catalogue.histogram({
    prefix,
    name: 'workspace_task_duration_seconds',
    help: 'Duration of workspace tasks, in seconds.',
    labels: { type: few },
    buckets: taskBuckets,
  })
  const drifts = catalogue.counter({
    prefix,
    name: 'workspace_drift_detected_total',
    help: 'Times that a workspace was found to differ from its code.',
  })
  return {
    taskCompleted(type, status, seconds) {
      tasks.inc({ type, status })
      durations.observe({ type }, seconds)
    },
    driftDetected: () => drifts.inc(),
  }
}

type Agents = Pick<IacMetrics, 'agentConnections' | 'taskDispatched' | 'taskFinished'>

function agentRecorders(catalogue: Catalogue): Agents {
  const connections = catalogue.gauge({
    prefix,
    name: 'agent_connections',
    help: 'Agents of a pool that are connected.',
    labels: { pool_id: pool, status: few },
  })
  const dispatched = catalogue.counter({
    prefix,
    name: 'agent_tasks_dispatched_total',
    help: 'Tasks that were given to a pool.',
    labels: { pool_id: pool },
  })
  const completed = catalogue.counter({
    prefix,
    name: 'agent_tasks_completed_total',
    help: 'Tasks that agents of a pool have ended.',
    labels: { pool_id: pool, status: few },
  })
  return {
    agentConnections: (pool, status, n) => connections.set({ pool_id: pool, status }, amount(n)),
    taskDispatched: (pool) => dispatched.inc({ pool_id: pool }),
    taskFinished: (pool, status) => completed.inc({ pool_id: pool, status }),
  }
}

type Auth = Pick<IacMetrics, 'login' | 'tokenIssued'>

function authRecorders(catalogue: Catalogue): Auth {
  const logins = catalogue.counter({
    prefix,
    name: 'auth_logins_total',
    help: 'Attempts to log in.',
    labels: { status: few, method: few },
  })
  const tokens = catalogue.counter({
    prefix,
    name: 'auth_tokens_issued_total',
    help: 'Tokens that were issued.',
    labels: { type: few },
  })
  return {
    login: (method, status) => logins.inc({ status, method }),
    tokenIssued: (type) => tokens.inc({ type }),
  }
}
