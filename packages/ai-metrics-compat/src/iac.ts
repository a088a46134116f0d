/**
 * The business metrics of an IaC platform (`iac_workspace_*`, `iac_agent_*`, `iac_auth_*`) as typed recorders.
 *
 * @module
 */
export { createIacMetrics, type IacMetrics } from './iac/metrics.ts'
