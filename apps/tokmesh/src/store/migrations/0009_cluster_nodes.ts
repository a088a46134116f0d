import type { Migration } from './index.ts'

/**
 * The members of the cluster. All times are the database's. A row belongs to the process that made it (`instance`):
 * another one that was given the same node id may take it only when its heartbeat has stopped. `backend_pid` is the
 * server's process of the node's own connection, which holds the leader's lock while this node leads.
 */
const nodes = `
create table cluster_nodes (
  node_id text collate "C" primary key,
  instance text not null,
  address text not null,
  version text not null,
  status text not null check (status in ('active', 'draining', 'left')),
  backend_pid integer not null,
  started_at timestamptz not null,
  heartbeat_at timestamptz not null,
  sessions_count bigint not null
) with (fillfactor = 50)`

export const clusterNodesMigration: Migration = { version: 9, name: 'cluster_nodes', statements: [nodes] }
