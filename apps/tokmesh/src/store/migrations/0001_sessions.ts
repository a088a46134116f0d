import type { Migration } from './index.ts'

/**
 * The sessions table. No index of this step holds what touch changes (`last_active`, `version`, the last access); the
 * search's, of a later one, does. The free fifth of each page lets a touched session stay on its page.
 */
const table = `
create table sessions (
  id text collate "C" primary key,
  user_id text collate "C" not null,
  token_hash text collate "C" not null,
  ip_address text not null,
  user_agent text not null,
  last_access_ip text not null,
  last_access_ua text not null,
  device_id text not null,
  created_by text not null,
  created_at bigint not null,
  expires_at bigint not null,
  last_active bigint not null,
  data json not null,
  version integer not null,
  shard_id integer not null,
  ttl integer not null,
  is_deleted boolean not null,
  revoked_at bigint not null
) with (fillfactor = 80)`

/**
 * Creates a session in one round trip: its parameters are the record's fields, the time and the quota. Creates of
 * one user pass one after the other; each statement of a volatile function sees what was committed before it, so
 * the count behind the lock is true, whichever node the others ran on. `active` is the count before this call.
 */
const create = `
create function tokmesh_create_session(
  p_id text, p_user_id text, p_token_hash text, p_ip text, p_user_agent text, p_device_id text, p_created_by text,
  p_now bigint, p_expires_at bigint, p_data json, p_shard_id integer, p_ttl integer, p_max_per_user integer,
  out outcome text, out active integer
) language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(p_user_id, 5080));
  select count(*) into active from sessions
    where user_id = p_user_id and revoked_at = 0 and expires_at > p_now;
  if active >= p_max_per_user then
    outcome := 'quota';
    return;
  end if;
  insert into sessions values (
    p_id, p_user_id, p_token_hash, p_ip, p_user_agent, p_ip, p_user_agent, p_device_id, p_created_by,
    p_now, p_expires_at, p_now, p_data, 1, p_shard_id, p_ttl, false, 0
  ) on conflict do nothing;
  if found then
    outcome := 'created';
  elsif exists (select 1 from sessions where token_hash = p_token_hash) then
    outcome := 'token_taken';
  else
    outcome := 'id_taken';
  end if;
end $$`

export const sessionsMigration: Migration = {
  version: 1,
  name: 'sessions',
  statements: [
    table,
    'create unique index sessions_token_hash on sessions (token_hash)',
    // The quota, and the revoking of all of a user's sessions.
    'create index sessions_of_user on sessions (user_id, expires_at) where revoked_at = 0',
    // The sweep in expiry order, and the counts.
    'create index sessions_unswept on sessions (expires_at) where not is_deleted',
    // Tombstones in the order in which they fall due.
    'create index sessions_tombstones on sessions (greatest(expires_at, revoked_at)) where is_deleted',
    create,
  ],
}
