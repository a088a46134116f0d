import type { Migration } from './index.ts'

/**
 * What GET `/sessions` is answered from. Each index begins with what a search compares for equality and goes on with
 * what it sorts by, so that the first page is read from its beginning or its end, however many sessions there are.
 * `expires_at` is in them for the counting, which then need not look at the sessions themselves.
 *
 * `sessions_by_activity` is the one index that a touch changes, and with it every other one gets a new entry: some
 * 30 % fewer touches a second. Without it a search by `last_active` reads every session: 0.5 s for a million.
 */
export const searchMigration: Migration = {
  version: 5,
  name: 'search',
  statements: [
    // The address as one, for networks. Behind a proxy of no address there is none.
    `alter table sessions add column ip inet generated always as (nullif(ip_address, '')::inet) stored`,
    'create index sessions_by_creation on sessions (is_deleted, created_at, id) include (expires_at)',
    'create index sessions_by_activity on sessions (is_deleted, last_active, id) include (expires_at)',
    'create index sessions_by_key on sessions (created_by, is_deleted, created_at, id) include (expires_at)',
    `create index sessions_by_device on sessions (device_id, is_deleted, created_at, id) include (expires_at)
       where device_id <> ''`,
    'create index sessions_by_ip on sessions (ip, is_deleted, created_at, id) include (expires_at)',
    // The active ones of a user have an index already.
    'create index sessions_ended_of_user on sessions (user_id, expires_at) where is_deleted',
  ],
}
