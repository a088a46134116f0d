import type { Migration } from './index.ts'

const table = `
create table api_keys (
  id text collate "C" primary key,
  role text not null,
  description text not null,
  allow_list json not null,
  rate_limit integer not null,
  expires_at bigint not null,
  status text not null,
  secret_hash text not null,
  old_secret_hash text not null,
  grace_period_end bigint not null,
  created_at bigint not null,
  created_by text not null,
  last_used_at bigint not null,
  version integer not null
)`

export const apiKeysMigration: Migration = {
  version: 2,
  name: 'api_keys',
  statements: [table, 'create index api_keys_newest on api_keys (created_at desc, id desc)'],
}
