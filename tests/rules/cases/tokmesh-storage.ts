import type { RuleCase } from '../case.ts'
import { node } from './tokmesh-series.ts'

const disk = (what: string) => `node_filesystem_${what}_bytes{instance="db:9100",mountpoint="/data",device="/dev/sda"}`
const pool = (what: string) => `tokmesh_db_connections_${what}{${node('a')}}`
const storage = { component: 'tokmesh-storage' }

/** Cases of what is stored. */
export const storageCases: readonly RuleCase[] = [
  {
    alert: 'WALWriteFailure',
    firing: {
      series: { [`tokmesh_wal_fsync_failed_total{${node('a')}}`]: '0x10 2+2x10' },
      labels: { severity: 'critical', ...storage },
      value: '10',
    },
    silent: [{ series: { [`tokmesh_wal_fsync_failed_total{${node('a')}}`]: '7x20' } }],
  },
  {
    alert: 'DiskSpaceLow',
    firing: {
      series: { [disk('avail')]: '9e9x20', [disk('size')]: '100e9x20' },
      labels: { severity: 'critical', ...storage, instance: 'db:9100', mountpoint: '/data', device: '/dev/sda' },
      value: '8.382Gi',
    },
    silent: [{ series: { [disk('avail')]: '10e9x20', [disk('size')]: '100e9x20' } }],
  },
  {
    alert: 'ReplicationLag',
    firing: {
      series: {
        'tokmesh_replication_lag_seconds{from_node="primary",to_node="a"}': '0.2x20',
        'tokmesh_replication_lag_seconds{from_node="primary",to_node="b"}': '2.5x20',
      },
      labels: { severity: 'warning', ...storage },
      value: '2.5s',
    },
    silent: [{ series: { 'tokmesh_replication_lag_seconds{from_node="primary",to_node="a"}': '1x20' } }],
  },
  {
    alert: 'DatabaseConnectionPoolExhaustion',
    firing: {
      series: { [pool('open')]: '10x20', [pool('max')]: '10x20', [pool('waiting')]: '3x20' },
      labels: { severity: 'warning', ...storage, app: 'tokmesh', job: 'tokmesh', instance: 'a:5080' },
      value: '10',
    },
    silent: [
      { series: { [pool('open')]: '9x20', [pool('max')]: '10x20', [pool('waiting')]: '3x20' } },
      { series: { [pool('open')]: '10x20', [pool('max')]: '10x20', [pool('waiting')]: '0x20' } },
    ],
  },
  {
    alert: 'AuditEntriesLost',
    firing: {
      series: {
        [`honoscope_audit_entries_total{${node('a')},result="dropped"}`]: '0+3x20',
        [`honoscope_audit_entries_total{${node('a')},result="written"}`]: '0+100x20',
      },
      labels: { severity: 'warning', ...storage, job: 'tokmesh', instance: 'a:5080' },
      value: '15',
    },
    silent: [
      {
        series: {
          [`honoscope_audit_entries_total{${node('a')},result="dropped"}`]: '3x20',
          [`honoscope_audit_entries_total{${node('a')},result="written"}`]: '0+100x20',
        },
      },
    ],
  },
  {
    alert: 'AuditEntriesWait',
    firing: {
      series: { [`honoscope_audit_queue_entries{${node('a')}}`]: '6000x20' },
      labels: { severity: 'warning', ...storage, job: 'tokmesh', instance: 'a:5080' },
      value: '6k',
    },
    silent: [{ series: { [`honoscope_audit_queue_entries{${node('a')}}`]: '5000x20' } }],
  },
]
