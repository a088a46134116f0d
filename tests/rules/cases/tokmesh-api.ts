import type { RuleCase } from '../case.ts'
import { rising } from './shared.ts'
import { node, requests, validate } from './tokmesh-series.ts'

/** Cases of keys, latency and load. */
export const apiCases: readonly RuleCase[] = [
  {
    alert: 'HighAuthFailureRate',
    firing: {
      series: {
        [`tokmesh_auth_failures_total{${node('a')},reason="invalid_key"}`]: rising(10),
        [requests('/tokens/validate')]: rising(100),
        // Neither probes nor paths that there are not dilute it.
        [requests('/ready')]: rising(1000),
        [requests('/health/live')]: rising(1000),
        [requests('unmatched', '404')]: rising(1000),
      },
      labels: { severity: 'critical', component: 'tokmesh-security' },
      value: '10%',
    },
    silent: [
      {
        series: {
          [`tokmesh_auth_failures_total{${node('a')},reason="invalid_key"}`]: rising(5),
          [requests('/tokens/validate')]: rising(101),
        },
      },
    ],
  },
  {
    alert: 'HighTokenValidateLatency',
    firing: {
      series: { [validate('0.1')]: rising(90), [validate('0.25')]: rising(100), [validate('+Inf')]: rising(100) },
      labels: { severity: 'warning', component: 'tokmesh' },
      value: '235ms',
    },
    silent: [
      { series: { [validate('0.05')]: rising(50), [validate('0.1')]: rising(100), [validate('+Inf')]: rising(100) } },
    ],
  },
  {
    alert: 'HighResourceUsage',
    firing: {
      series: {
        [`tokmesh_cpu_usage_ratio{${node('a')}}`]: '0.9x20',
        [`tokmesh_mem_usage_bytes{${node('a')}}`]: '1e8x20',
        [`tokmesh_mem_limit_bytes{${node('a')}}`]: '1e9x20',
      },
      labels: { severity: 'warning', component: 'tokmesh', job: 'tokmesh', instance: 'a:5080' },
      value: '90%',
    },
    silent: [
      {
        series: {
          [`tokmesh_cpu_usage_ratio{${node('a')}}`]: '0.85x20',
          [`tokmesh_mem_usage_bytes{${node('a')}}`]: '8.5e8x20',
          [`tokmesh_mem_limit_bytes{${node('a')}}`]: '1e9x20',
        },
      },
    ],
  },
  {
    alert: 'HighResourceUsage',
    firing: {
      series: {
        [`tokmesh_cpu_usage_ratio{${node('a')}}`]: '0.1x20',
        [`tokmesh_mem_usage_bytes{${node('a')}}`]: '1073741824x20',
        [`tokmesh_mem_limit_bytes{${node('a')}}`]: '1.1e9x20',
      },
      labels: { severity: 'warning', component: 'tokmesh', job: 'tokmesh', instance: 'a:5080' },
      value: '1Gi',
    },
    silent: [],
  },
  {
    alert: 'CertificateReloadFailure',
    firing: {
      series: { [`tokmesh_tls_reload_failures_total{${node('a')}}`]: '0x5 1x15' },
      labels: { severity: 'warning', component: 'tokmesh-security', job: 'tokmesh', instance: 'a:5080' },
    },
    silent: [{ series: { [`tokmesh_tls_reload_failures_total{${node('a')}}`]: '1x20' } }],
  },
]
