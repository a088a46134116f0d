import { kubernetesCatalogue } from '../catalogues/external/kubernetes.ts'
import { max, sum } from '../promql/aggregate.ts'
import { absent, rate } from '../promql/functions.ts'
import { div, gt, or } from '../promql/operators.ts'
import { not } from '../promql/select.ts'
import { defineRules, type RuleTools } from '../rules/define-rules.ts'
import type { AlertRule } from '../rules/rule.ts'
import type { Bundle } from './bundle.ts'

type Tools = RuleTools<typeof kubernetesCatalogue>

const by = { by: ['namespace', 'pod', 'container'] } as const
const component = 'kubernetes'
const where = '{{ $labels.namespace }}/{{ $labels.pod }} ({{ $labels.container }})'

/** Pods and containers, by what kube-state-metrics and cAdvisor tell of them. */
export const kubernetes: Bundle = {
  name: 'kubernetes',
  description: 'Kubernetes: pods that restart, containers that are short of memory or CPU.',
  catalogue: kubernetesCatalogue,
  rules: defineRules(kubernetesCatalogue, (tools) => [
    tools.group('kubernetes', [crashLooping(tools), highMemory(tools), highCpu(tools), metricsMissing(tools)]),
  ]),
}

function crashLooping({ metric, alert }: Tools): AlertRule {
  return alert('PodCrashLooping', {
    expr: gt(rate(metric('kube_pod_container_status_restarts_total'), '15m'), 0),
    for: '5m',
    severity: 'critical',
    component,
    summary: `${where} restarts again and again`,
    description:
      'It restarts {{ $value | humanize }} times a second, over 15 minutes. Requests under way at each end are lost, ' +
      'and while it is away the other pods have its load.',
  })
}

function highMemory({ metric, alert }: Tools): AlertRule {
  // Containers without a limit have a limit of 0 here, and those without a name are the pod's or the node's sums.
  const container = not('')
  const used = max(metric('container_memory_working_set_bytes', { container }), by)
  const limit = gt(max(metric('container_spec_memory_limit_bytes', { container }), by), 0)
  return alert('HighMemoryUsage', {
    expr: gt(div(used, limit), 0.9),
    for: '5m',
    severity: 'warning',
    component,
    summary: `${where} is near its limit of memory`,
    description:
      '{{ $value | humanizePercentage }} of its limit are in use. Above the limit the kernel kills it, with all ' +
      'requests under way.',
  })
}

function highCpu({ metric, alert }: Tools): AlertRule {
  const used = sum(rate(metric('container_cpu_usage_seconds_total', { container: not('') }), '5m'), by)
  const limit = max(metric('kube_pod_container_resource_limits', { resource: 'cpu' }), by)
  return alert('HighCPUUsage', {
    // Of its limit; without one, of one core, which is what an event loop can use.
    expr: gt(or(div(used, limit), used), 0.8),
    for: '10m',
    severity: 'warning',
    component,
    summary: `${where} is short of CPU`,
    description:
      '{{ $value | humanizePercentage }} of its limit, or of one core where it has none, are in use. Its answers ' +
      'become slower.',
  })
}

function metricsMissing({ metric, alert }: Tools): AlertRule {
  return alert('KubernetesMetricsMissing', {
    expr: or(
      absent(metric('kube_pod_container_status_restarts_total')),
      absent(metric('container_memory_working_set_bytes')),
    ),
    for: '10m',
    severity: 'warning',
    component,
    summary: 'Nobody tells of pods and containers',
    description:
      'kube-state-metrics or cAdvisor is not scraped: {{ $value | humanize }} of what the alerts about pods read is ' +
      'there. Pods may restart or run out of memory, and no alert says so.',
  })
}
