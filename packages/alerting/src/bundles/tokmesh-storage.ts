import { max, sum } from '../promql/aggregate.ts'
import { increase } from '../promql/functions.ts'
import { gt, lt, times } from '../promql/operators.ts'
import { matching } from '../promql/select.ts'
import type { RuleTools } from '../rules/define-rules.ts'
import type { AlertRule } from '../rules/rule.ts'
import { poolExhaustion } from './pool.ts'
import type { TokMeshCatalogue } from './tokmesh.ts'

const component = 'tokmesh-storage'

/** Returns the alerts about what TokMesh stores and where. */
export function storageAlerts(tools: RuleTools<TokMeshCatalogue>): readonly AlertRule[] {
  return [...databaseAlerts(tools), connectionAlert(tools), ...auditAlerts(tools)]
}

function databaseAlerts({ metric, alert }: RuleTools<TokMeshCatalogue>): readonly AlertRule[] {
  return [
    alert('WALWriteFailure', {
      expr: gt(sum(increase(metric('tokmesh_wal_fsync_failed_total'), '5m')), 0),
      for: '1m',
      severity: 'critical',
      component,
      summary: 'TokMesh: the database could not write its log',
      description:
        'About {{ $value | humanize }} commits in 5 minutes were refused with a storage fault. Creates, renewals and ' +
        'revokes fail with TM-SYS-5001; what was answered with success is stored.',
    }),
    alert('DiskSpaceLow', {
      expr: lt(
        metric('node_filesystem_avail_bytes', { mountpoint: '/data' }),
        times('0.10', metric('node_filesystem_size_bytes', { mountpoint: '/data' })),
      ),
      for: '5m',
      severity: 'critical',
      component,
      summary: 'TokMesh: the disk of {{ $labels.instance }} is nearly full',
      description:
        'Less than a tenth of /data is free: {{ $value | humanize1024 }}B. When it is full the database stops ' +
        'taking writes: nobody can log in, and no session can be revoked.',
    }),
    alert('ReplicationLag', {
      expr: gt(max(metric('tokmesh_replication_lag_seconds')), 1),
      for: '5m',
      severity: 'warning',
      component,
      summary: 'TokMesh: a standby is behind',
      description:
        'A standby replays what the primary wrote {{ $value | humanizeDuration }} ago. Searches go to the primary ' +
        'meanwhile; if the primary is lost now, the last logins and revokes are lost with it.',
    }),
  ]
}

function connectionAlert({ metric }: RuleTools<TokMeshCatalogue>): AlertRule {
  const gauges = {
    open: metric('tokmesh_db_connections_open'),
    max: metric('tokmesh_db_connections_max'),
    waiting: metric('tokmesh_db_connections_waiting'),
  }
  return poolExhaustion(gauges, { title: 'TokMesh', app: 'tokmesh', component })
}

function auditAlerts({ metric, alert }: RuleTools<TokMeshCatalogue>): readonly AlertRule[] {
  return [
    alert('AuditEntriesLost', {
      expr: gt(
        sum(
          increase(metric('honoscope_audit_entries_total', { result: matching('dropped|refused|unconfirmed') }), '5m'),
          {
            by: ['job', 'instance'],
          },
        ),
        0,
      ),
      for: '1m',
      severity: 'warning',
      component,
      summary: 'TokMesh: {{ $labels.instance }} loses audit entries',
      description:
        'About {{ $value | humanize }} audit entries in 5 minutes are not stored, or not known to be. No request fails ' +
        'for it, but who did what is missing from the record.',
    }),
    alert('AuditEntriesWait', {
      // A quarter of the room that a node has for them; what comes when it is full is dropped.
      expr: gt(metric('honoscope_audit_queue_entries'), 5_000),
      for: '5m',
      severity: 'warning',
      component,
      summary: 'TokMesh: {{ $labels.instance }} cannot write its audit log',
      description:
        '{{ $value | humanize }} audit entries wait. Nothing is lost yet and no request fails for it; they are lost ' +
        'when the process is killed, or beyond 20,000.',
    }),
  ]
}
