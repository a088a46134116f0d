import type { Migration } from './index.ts'

/** Who this database belongs to: one row with an id that is made once, and kept for as long as the data is. */
export const clusterMigration: Migration = {
  version: 4,
  name: 'cluster',
  statements: [
    'create table cluster (id uuid not null default gen_random_uuid(), singleton boolean primary key default true check (singleton))',
    'insert into cluster default values',
  ],
}
