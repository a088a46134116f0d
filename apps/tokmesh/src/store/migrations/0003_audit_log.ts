import type { Migration } from './index.ts'

/**
 * The audit log. Its key is the order of paging, so that one index serves both, and an entry that is written again
 * by a repeated attempt is known by it: the id alone is unique as well.
 */
const table = `
create table audit_log (
  timestamp bigint not null,
  id text collate "C" not null,
  operator_id text collate "C" not null,
  action text collate "C" not null,
  resource text not null,
  user_agent text not null,
  details json not null,
  result text not null,
  tcp_remote_ip text not null,
  client_ip text not null,
  primary key (timestamp, id)
)`

export const auditLogMigration: Migration = {
  version: 3,
  name: 'audit_log',
  statements: [
    table,
    'create index audit_log_of_operator on audit_log (operator_id, timestamp, id)',
    'create index audit_log_of_action on audit_log (action, timestamp, id)',
  ],
}
