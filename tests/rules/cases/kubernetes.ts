import type { RuleCase } from '../case.ts'

const container = 'namespace="shop",pod="web-1",container="web"'
const ofContainer = { component: 'kubernetes', namespace: 'shop', pod: 'web-1', container: 'web' }

/** Cases of the bundle `kubernetes`. */
export const kubernetesCases: readonly RuleCase[] = [
  {
    alert: 'PodCrashLooping',
    firing: {
      series: { [`kube_pod_container_status_restarts_total{${container},uid="u"}`]: '0+1x30' },
      at: '25m',
      labels: { severity: 'critical', ...ofContainer, uid: 'u' },
      value: '16.67m',
    },
    silent: [{ series: { [`kube_pod_container_status_restarts_total{${container},uid="u"}`]: '40x30' }, at: '25m' }],
  },
  {
    alert: 'HighMemoryUsage',
    firing: {
      series: {
        [`container_memory_working_set_bytes{${container},id="/1"}`]: '95x20',
        [`container_spec_memory_limit_bytes{${container},id="/1"}`]: '100x20',
      },
      labels: { severity: 'warning', ...ofContainer },
      value: '95%',
    },
    silent: [
      {
        series: {
          [`container_memory_working_set_bytes{${container},id="/1"}`]: '90x20',
          [`container_spec_memory_limit_bytes{${container},id="/1"}`]: '100x20',
        },
      },
      // No limit; and the sums of the pod, which have no name.
      {
        series: {
          [`container_memory_working_set_bytes{${container},id="/1"}`]: '95x20',
          [`container_spec_memory_limit_bytes{${container},id="/1"}`]: '0x20',
          'container_memory_working_set_bytes{namespace="shop",pod="web-1",id="/2"}': '95x20',
          'container_spec_memory_limit_bytes{namespace="shop",pod="web-1",id="/2"}': '100x20',
        },
      },
    ],
  },
  {
    alert: 'HighCPUUsage',
    firing: {
      series: {
        [`container_cpu_usage_seconds_total{${container},cpu="total"}`]: '0+27x20',
        [`kube_pod_container_resource_limits{${container},resource="cpu",unit="core"}`]: '0.5x20',
      },
      labels: { severity: 'warning', ...ofContainer },
      value: '90%',
    },
    silent: [
      {
        series: {
          [`container_cpu_usage_seconds_total{${container},cpu="total"}`]: '0+54x20',
          [`kube_pod_container_resource_limits{${container},resource="cpu",unit="core"}`]: '2x20',
        },
      },
    ],
  },
  {
    alert: 'HighCPUUsage',
    firing: {
      series: { [`container_cpu_usage_seconds_total{${container},cpu="total"}`]: '0+54x20' },
      labels: { severity: 'warning', ...ofContainer },
      value: '90%',
    },
    silent: [{ series: { [`container_cpu_usage_seconds_total{${container},cpu="total"}`]: '0+48x20' } }],
  },
  {
    alert: 'KubernetesMetricsMissing',
    firing: {
      series: { [`kube_pod_container_status_restarts_total{${container}}`]: '0x20' },
      labels: { severity: 'warning', component: 'kubernetes' },
      value: '1',
    },
    silent: [
      {
        series: {
          [`kube_pod_container_status_restarts_total{${container}}`]: '0x20',
          [`container_memory_working_set_bytes{${container}}`]: '95x20',
        },
      },
    ],
  },
]
