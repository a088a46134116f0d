import { iacCatalogue } from '../catalogues/index.ts'
import { sum } from '../promql/aggregate.ts'
import { selectFrom } from '../promql/select.ts'
import { distribution, perSecond, quantile } from './expressions.ts'
import { chosen } from './series.ts'
import type { PanelSpec, RowSpec } from './spec.ts'

const series = selectFrom(iacCatalogue)
const calls = series('iac_ai_call_duration_ms_bucket', chosen)

export const iacCalls: RowSpec = {
  title: 'IaC: AI calls',
  lines: [
    [
      {
        title: 'IaC calls by status',
        description:
          'AI calls a second of each capability. Nearly all succeed; a capability whose failures rise alone has a broken prompt or schema.',
        unit: 'reqps',
        queries: [
          {
            expr: perSecond(series('iac_ai_call_total', chosen), ['capability', 'status']),
            legend: '{{capability}} {{status}}',
          },
        ],
        stacked: true,
      },
      {
        title: 'IaC calls, P95',
        description:
          'AI calls and their stages. Seconds are normal; the stage that grows is the one to look at. The points are calls with a trace.',
        unit: 'ms',
        queries: [{ expr: quantile(0.95, calls, ['capability', 'stage']), legend: '{{capability}} {{stage}}' }],
        limits: { warning: 10_000, critical: 30_000 },
        exemplars: true,
      },
      {
        title: 'Distribution of IaC calls',
        kind: 'heatmap',
        description: 'AI calls and their stages by duration. A line at the top is a timeout.',
        unit: 'ms',
        queries: distribution(calls),
        exemplars: true,
      },
      {
        title: 'IaC tokens',
        description:
          'Tokens a second by provider and type. They follow the calls; input that grows alone is a longer context.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(series('iac_ai_tokens_total', chosen), ['provider', 'type']),
            legend: '{{provider}} {{type}}',
          },
        ],
        stacked: true,
      },
    ],
  ],
}

type Step =
  | 'iac_vector_search_duration_ms_bucket'
  | 'iac_skill_assembly_duration_ms_bucket'
  | 'iac_domain_skill_selection_ms_bucket'
  | 'iac_cmdb_assessment_ms_bucket'
  | 'iac_parallel_execution_ms_bucket'

const steps: readonly (readonly [Step, string])[] = [
  ['iac_vector_search_duration_ms_bucket', 'vector search'],
  ['iac_skill_assembly_duration_ms_bucket', 'skill assembly'],
  ['iac_domain_skill_selection_ms_bucket', 'skill selection'],
  ['iac_cmdb_assessment_ms_bucket', 'CMDB assessment'],
  ['iac_parallel_execution_ms_bucket', 'parallel task'],
]

export const iacSteps: RowSpec = {
  title: 'IaC: steps of a call',
  lines: [
    [
      {
        title: 'Steps, P95',
        description:
          'One step in twenty takes longer. Below 1 s is normal for all but parallel tasks, which wait for models.',
        unit: 'ms',
        queries: steps.map(([name, legend]) => ({ expr: quantile(0.95, series(name, chosen)), legend })),
        limits: { warning: 5000 },
        exemplars: true,
      },
      {
        title: 'Searches and look-ups by result',
        description:
          'Vector searches and CMDB queries a second. Many that find nothing: the index or the CMDB is behind.',
        unit: 'ops',
        queries: [
          {
            expr: perSecond(series('iac_vector_search_total', chosen), ['status']),
            legend: 'vector search {{status}}',
          },
          { expr: perSecond(series('iac_cmdb_query_total', chosen), ['status']), legend: 'CMDB {{status}}' },
        ],
      },
      {
        title: 'Tasks that run beside others',
        description: 'Tasks now. It returns to 0; a floor that rises is a task that never ends.',
        unit: 'short',
        queries: [
          { expr: sum(series('iac_active_parallel_tasks', chosen), { by: ['instance'] }), legend: '{{instance}}' },
        ],
      },
    ],
  ],
}

const tasks: PanelSpec = {
  title: 'Workspace tasks',
  description: 'Tasks a second by type and status. Failures of one type: its provider or its credentials.',
  unit: 'ops',
  queries: [
    { expr: perSecond(series('iac_workspace_tasks_total', chosen), ['type', 'status']), legend: '{{type}} {{status}}' },
    { expr: perSecond(series('iac_workspace_drift_detected_total', chosen)), legend: 'drift found' },
  ],
}

const taskDurations: PanelSpec = {
  title: 'Workspace tasks, P95',
  description: 'Duration by type. Minutes are normal; an hour is the last bucket, and longer ones are not told apart.',
  unit: 's',
  queries: [
    {
      expr: quantile(0.95, series('iac_workspace_task_duration_seconds_bucket', chosen), ['type']),
      legend: '{{type}}',
    },
  ],
  limits: { warning: 1800, critical: 3600 },
}

const agents: PanelSpec = {
  title: 'Agents',
  description: 'Agents of each pool by status. A pool without a connected agent does no work.',
  unit: 'short',
  queries: [
    {
      expr: sum(series('iac_agent_connections', chosen), { by: ['pool_id', 'status'] }),
      legend: '{{pool_id}} {{status}}',
    },
  ],
}

const agentTasks: PanelSpec = {
  title: 'Tasks of agents',
  description: 'Tasks a second given to each pool, and ended there. Lines that part: the pool is too small.',
  unit: 'ops',
  queries: [
    { expr: perSecond(series('iac_agent_tasks_dispatched_total', chosen), ['pool_id']), legend: '{{pool_id}} given' },
    {
      expr: perSecond(series('iac_agent_tasks_completed_total', chosen), ['pool_id', 'status']),
      legend: '{{pool_id}} {{status}}',
    },
  ],
}

const logins: PanelSpec = {
  title: 'Logins and tokens',
  description: 'Attempts to log in and tokens issued a second. Failures in numbers are somebody who guesses.',
  unit: 'ops',
  queries: [
    { expr: perSecond(series('iac_auth_logins_total', chosen), ['method', 'status']), legend: '{{method}} {{status}}' },
    { expr: perSecond(series('iac_auth_tokens_issued_total', chosen), ['type']), legend: 'token {{type}}' },
  ],
}

export const iacWorkspaces: RowSpec = {
  title: 'IaC: workspaces, agents and logins',
  lines: [
    [tasks, taskDurations, agents],
    [agentTasks, logins],
  ],
}
