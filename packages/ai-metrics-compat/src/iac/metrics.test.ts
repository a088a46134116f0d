import { expect, it } from 'vitest'
import { recordingMetrics } from '../../test/genai/recorder.ts'
import { createIacMetrics } from '../iac.ts'

it('records each thing once, with its labels', async () => {
  const { metrics, value } = recordingMetrics()
  const iac = createIacMetrics(metrics)
  iac.taskCompleted('plan', 'success', 29)
  iac.taskCompleted('plan', 'failed', 31)
  iac.driftDetected()
  iac.agentConnections('pool-1', 'online', 3)
  iac.agentConnections('pool-1', 'online', 2)
  iac.taskDispatched('pool-1')
  iac.taskFinished('pool-1', 'failed')
  iac.login('oidc', 'failure')
  iac.tokenIssued('agent')
  expect(await value('iac_workspace_tasks_total', { type: 'plan', status: 'failed' })).toBe(1)
  expect(await value('iac_workspace_task_duration_seconds_bucket', { type: 'plan', le: '30' })).toBe(1)
  expect(await value('iac_workspace_task_duration_seconds_sum', { type: 'plan' })).toBe(60)
  expect(await value('iac_workspace_drift_detected_total')).toBe(1)
  expect(await value('iac_agent_connections', { pool_id: 'pool-1', status: 'online' })).toBe(2)
  expect(await value('iac_agent_tasks_dispatched_total', { pool_id: 'pool-1' })).toBe(1)
  expect(await value('iac_agent_tasks_completed_total', { pool_id: 'pool-1', status: 'failed' })).toBe(1)
  expect(await value('iac_auth_logins_total', { method: 'oidc', status: 'failure' })).toBe(1)
  expect(await value('iac_auth_tokens_issued_total', { type: 'agent' })).toBe(1)
})

it('tells 100 pools apart and no more', async () => {
  const { metrics, value, samples } = recordingMetrics()
  const iac = createIacMetrics(metrics)
  for (let i = 0; i < 150; i++) iac.taskDispatched(`pool-${i}`)
  expect(await samples('iac_agent_tasks_dispatched_total')).toHaveLength(101)
  expect(await value('iac_agent_tasks_dispatched_total', { pool_id: 'other' })).toBe(50)
  expect(await value('honoscope_label_overflow_total', { metric: 'iac_agent_tasks_dispatched_total' })).toBe(50)
})

it('drops and counts what is no number of agents or seconds, and does not throw', async () => {
  const { metrics, value, samples } = recordingMetrics()
  const iac = createIacMetrics(metrics)
  for (const odd of [Number.NaN, -1, undefined, '3', Symbol('odd'), {}]) {
    iac.agentConnections('pool-1', 'online', odd as number)
    iac.taskCompleted('plan', 'success', odd as number)
  }
  expect(await value('honoscope_dropped_observations_total', { metric: 'iac_agent_connections' })).toBe(6)
  expect(await value('honoscope_dropped_observations_total', { metric: 'iac_workspace_task_duration_seconds' })).toBe(6)
  expect(await value('iac_workspace_tasks_total')).toBe(6)
  expect((await samples('iac_agent_connections')).map((sample) => sample.value)).toEqual([0])
})

it('refuses a second set in one catalogue', () => {
  const { metrics } = recordingMetrics()
  createIacMetrics(metrics)
  expect(() => createIacMetrics(metrics)).toThrow(/iac_workspace_tasks_total/)
})
