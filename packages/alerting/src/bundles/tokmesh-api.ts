import { sum } from '../promql/aggregate.ts'
import { histogramQuantile, increase, rate } from '../promql/functions.ts'
import { div, gt, or, times } from '../promql/operators.ts'
import { notMatching } from '../promql/select.ts'
import type { RuleTools } from '../rules/define-rules.ts'
import type { AlertRule } from '../rules/rule.ts'
import type { TokMeshCatalogue } from './tokmesh.ts'

/** Returns the alerts about who calls TokMesh and how it answers. */
export function apiAlerts(tools: RuleTools<TokMeshCatalogue>): readonly AlertRule[] {
  return [...securityAlerts(tools), ...loadAlerts(tools)]
}

function securityAlerts({ metric, alert }: RuleTools<TokMeshCatalogue>): readonly AlertRule[] {
  const requests = metric('tokmesh_api_request_duration_seconds_count', {
    path: notMatching('/health.*|/ready|unmatched'),
  })
  return [
    alert('HighAuthFailureRate', {
      expr: gt(div(sum(rate(metric('tokmesh_auth_failures_total'), '5m')), sum(rate(requests, '5m'))), 0.05),
      for: '5m',
      severity: 'critical',
      component: 'tokmesh-security',
      summary: 'TokMesh: many API keys are refused',
      description:
        '{{ $value | humanizePercentage }} of the requests come with a key that is unknown, wrong, expired, disabled ' +
        'or used from a forbidden address. A service was given a bad key, and its users are out; or somebody guesses.',
    }),
    alert('CertificateReloadFailure', {
      // An hour: a reload is tried when the files change, which may be months before the next time.
      expr: gt(sum(increase(metric('tokmesh_tls_reload_failures_total'), '1h'), { by: ['job', 'instance'] }), 0),
      for: '1m',
      severity: 'warning',
      component: 'tokmesh-security',
      summary: 'TokMesh: {{ $labels.instance }} could not load its new certificate',
      description:
        'The last certificate stays in use. Users notice nothing until it expires; then no connection over TLS ' +
        'comes about.',
    }),
  ]
}

function loadAlerts({ metric, alert }: RuleTools<TokMeshCatalogue>): readonly AlertRule[] {
  const validates = metric('tokmesh_api_request_duration_seconds_bucket', { path: '/tokens/validate' })
  return [
    alert('HighTokenValidateLatency', {
      expr: gt(histogramQuantile(0.99, sum(rate(validates, '5m'), { by: ['le'] })), 0.1),
      for: '5m',
      severity: 'warning',
      component: 'tokmesh',
      summary: 'TokMesh: validations are slow',
      description:
        'P99 of POST /tokens/validate is {{ $value | humanizeDuration }}. Every request of every service that asks ' +
        'TokMesh waits for as long.',
    }),
    alert('HighResourceUsage', {
      expr: or(
        gt(metric('tokmesh_cpu_usage_ratio'), 0.85),
        gt(metric('tokmesh_mem_usage_bytes'), times(0.85, metric('tokmesh_mem_limit_bytes'))),
      ),
      for: '5m',
      severity: 'warning',
      component: 'tokmesh',
      summary: 'TokMesh: {{ $labels.instance }} is short of CPU or memory',
      description:
        '{{ if le $value 1.0 }}{{ $value | humanizePercentage }} of its CPU is in use{{ else }}' +
        '{{ $value | humanize1024 }}B of memory are in use, of a limit that is near{{ end }}. Answers become slower, ' +
        'and beyond the limit of memory the process is killed.',
    }),
  ]
}
