/**
 * What postgres_exporter (0.15 to 0.18) tells of PostgreSQL with its default collectors, as far as rules and dashboards
 * name it. `server` is `host:port` of the database; only metrics of its older kind have it.
 */
export const postgresCatalogue = {
  pg_up: { type: 'gauge', help: 'Whether the last scrape could connect to the server: 1, else 0.', labels: {} },
  pg_settings_max_connections: {
    type: 'gauge',
    help: 'Server Parameter: max_connections.',
    labels: { server: 'open' },
  },
  pg_stat_activity_count: {
    type: 'gauge',
    help: 'Number of connections in this state.',
    labels: {
      server: 'open',
      datname: 'open',
      state: 'open',
      usename: 'open',
      application_name: 'open',
      backend_type: 'open',
      wait_event_type: 'open',
      wait_event: 'open',
    },
  },
  pg_stat_activity_max_tx_duration: {
    type: 'gauge',
    help: 'Longest time in seconds that a transaction in this state has been open.',
    labels: {
      server: 'open',
      datname: 'open',
      state: 'open',
      usename: 'open',
      application_name: 'open',
      backend_type: 'open',
      wait_event_type: 'open',
      wait_event: 'open',
    },
  },
  pg_stat_database_numbackends: {
    type: 'gauge',
    help: 'Backends that are connected to the database.',
    labels: { datid: 'open', datname: 'open' },
  },
  pg_stat_database_deadlocks: {
    type: 'counter',
    help: 'Deadlocks that were detected in the database.',
    labels: { datid: 'open', datname: 'open' },
  },
  pg_replication_is_replica: { type: 'gauge', help: '1 when the server is a replica, else 0.', labels: {} },
  pg_replication_lag_seconds: { type: 'gauge', help: 'Replication lag behind the primary in seconds.', labels: {} },
  pg_database_size_bytes: { type: 'gauge', help: 'Disk space used by the database.', labels: { datname: 'open' } },
} as const

/** What redis_exporter (1.60 and later) tells of Redis, as far as rules and dashboards name it. */
export const redisCatalogue = {
  redis_up: { type: 'gauge', help: 'Whether the last scrape could reach the server: 1, else 0.', labels: {} },
  redis_connected_clients: { type: 'gauge', help: 'Connections of clients.', labels: {} },
  redis_config_maxclients: { type: 'gauge', help: 'Most connections of clients.', labels: {} },
  redis_memory_used_bytes: { type: 'gauge', help: 'Memory in use.', labels: {} },
  redis_memory_max_bytes: { type: 'gauge', help: 'maxmemory; 0 where there is no limit.', labels: {} },
  redis_rejected_connections_total: { type: 'counter', help: 'Connections refused for maxclients.', labels: {} },
  redis_evicted_keys_total: { type: 'counter', help: 'Keys that were evicted for maxmemory.', labels: {} },
  redis_keyspace_hits_total: { type: 'counter', help: 'Look-ups that found their key.', labels: {} },
  redis_keyspace_misses_total: { type: 'counter', help: 'Look-ups that did not.', labels: {} },
  redis_commands_processed_total: { type: 'counter', help: 'Commands that were processed.', labels: {} },
} as const
