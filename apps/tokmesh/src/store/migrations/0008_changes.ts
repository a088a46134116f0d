import type { Migration } from './index.ts'

/**
 * The number of the last change that other nodes are told of. Whoever changes something adds to it and holds the row
 * until the end of the transaction: so numbers follow the order of the commits and have no gaps, and a node that was
 * told of all up to the number that it reads here knows all that was committed before.
 */
const changes = `
create table changes (
  singleton boolean primary key default true check (singleton),
  seq bigint not null
) with (fillfactor = 10)`

/**
 * Tells all nodes of changed records, when and if the transaction commits. A message is
 * \`<seq> <kind> <Unix ms> <sender> <id>,<id>…\` with at most 200 ids, since PostgreSQL takes less than 8,000 bytes.
 * Kinds: \`r\` sessions revoked, \`s\` sessions changed otherwise, \`k\` API keys changed, \`a\` anything may have changed:
 * also told of more than 10,000 records at once, which an operator may change; to take a million apart takes minutes.
 * The sender is what the connection was opened as (\`tokmesh.sender\`), or \`-\`. An embedded database has one process
 * and nobody to tell.
 */
const note = `
create function tokmesh_note_changes(p_kind text, p_ids text[]) returns void language plpgsql as $$
declare
  parts integer;
  sender text := coalesce(nullif(current_setting('tokmesh.sender', true), ''), '-');
  last bigint;
begin
  if sender = 'embedded' then
    return;
  end if;
  if cardinality(p_ids) > 10000 then
    p_kind := 'a';
    p_ids := '{}';
  end if;
  parts := greatest(1, (cardinality(p_ids) + 199) / 200);
  update changes set seq = seq + parts returning seq into last;
  for part in 1 .. parts loop
    perform pg_notify('tokmesh_changes', concat_ws(' ', last - parts + part, p_kind,
      floor(extract(epoch from clock_timestamp()) * 1000), sender,
      array_to_string(p_ids[part * 200 - 199 : part * 200], ',')));
  end loop;
end $$`

/**
 * How many sessions of each shard are no tombstones, kept up to date by the transactions that change it: to count a
 * million takes a tenth of a second, and the metrics ask every second.
 */
const counts = `
create table shard_counts (
  shard_id integer primary key,
  kept bigint not null
) with (fillfactor = 10)`

/**
 * Counts and tells, for whole statements. Every transaction takes its locks in one order, which no two can block each
 * other in: sessions, then counts in the order of the shards, then the row of \`changes\`.
 */
const changed = `
create function tokmesh_sessions_changed() returns trigger language plpgsql as $$
declare
  revoked text[];
  altered text[];
begin
  if tg_op = 'INSERT' then
    insert into shard_counts as counts
      select shard_id, count(*) from added where not is_deleted group by shard_id order by shard_id
      on conflict (shard_id) do update set kept = counts.kept + excluded.kept;
  elsif tg_op = 'UPDATE' then
    insert into shard_counts as counts
      select shard_id, sum(n) from (
        select shard_id, 1 as n from added where not is_deleted
        union all select shard_id, -1 from gone where not is_deleted
      ) as each_row group by shard_id having sum(n) <> 0 order by shard_id
      on conflict (shard_id) do update set kept = counts.kept + excluded.kept;
    if current_setting('tokmesh.sender', true) = 'embedded' then
      return null;
    end if;
    -- Not a plain join: the plan is kept from the first call, and for the one row of that it is a nested loop, which
    -- takes half a second for a thousand. A full join is never one; it also finds a row whose id was changed.
    select array_agg(id) filter (where gone.revoked_at <> added.revoked_at),
        array_agg(id) filter (where (gone.revoked_at <> added.revoked_at) is not true)
      into revoked, altered
      from gone full join added using (id)
      where (gone.version, gone.revoked_at, gone.expires_at, gone.last_active, gone.user_id, gone.token_hash,
          gone.created_at, gone.ttl, gone.ip_address, gone.user_agent, gone.last_access_ip, gone.last_access_ua,
          gone.device_id, gone.created_by, gone.data::text)
        is distinct from (added.version, added.revoked_at, added.expires_at, added.last_active, added.user_id,
          added.token_hash, added.created_at, added.ttl, added.ip_address, added.user_agent, added.last_access_ip,
          added.last_access_ua, added.device_id, added.created_by, added.data::text);
    if revoked is not null then
      perform tokmesh_note_changes('r', revoked);
    end if;
    if altered is not null then
      perform tokmesh_note_changes('s', altered);
    end if;
  elsif tg_op = 'DELETE' then
    insert into shard_counts as counts
      select shard_id, -count(*) from gone where not is_deleted group by shard_id order by shard_id
      on conflict (shard_id) do update set kept = counts.kept + excluded.kept;
    -- Tombstones too: that a session has expired is remembered, and no longer true.
    select array_agg(id) into altered from gone;
    if altered is not null then
      perform tokmesh_note_changes('s', altered);
    end if;
  else
    delete from shard_counts;
    perform tokmesh_note_changes('a', '{}');
  end if;
  return null;
end $$`

const keysChanged = `
create function tokmesh_key_changed() returns trigger language plpgsql as $$
begin
  if tg_op = 'TRUNCATE' then
    perform tokmesh_note_changes('a', '{}');
  else
    perform tokmesh_note_changes('k', array[old.id]);
  end if;
  return null;
end $$`

/** The note of a key's last use is told to nobody; operators' own updates are, also those that leave the version. */
const keyDiffers = `
(old.version, old.status, old.role, old.secret_hash, old.old_secret_hash, old.grace_period_end, old.expires_at,
  old.rate_limit, old.allow_list::text, old.description)
is distinct from (new.version, new.status, new.role, new.secret_hash, new.old_secret_hash, new.grace_period_end,
  new.expires_at, new.rate_limit, new.allow_list::text, new.description)`

const execute = 'for each statement execute function tokmesh_sessions_changed()'

export const changesMigration: Migration = {
  version: 8,
  name: 'changes',
  statements: [
    changes,
    'insert into changes (seq) values (0)',
    note,
    counts,
    // Other nodes wait for the end of it, readers too: to take away a trigger later needs the whole lock anyway, and who
    // had read and then wanted to write would block the migration for good.
    'lock table sessions in access exclusive mode',
    'drop trigger count_added on sessions',
    'drop trigger count_gone on sessions',
    'drop trigger count_flagged on sessions',
    'drop trigger count_emptied on sessions',
    'drop function tokmesh_count_sessions()',
    'drop table session_counts',
    'insert into shard_counts select shard_id, count(*) from sessions where not is_deleted group by shard_id',
    changed,
    `create trigger sessions_added after insert on sessions referencing new table as added ${execute}`,
    `create trigger sessions_altered after update on sessions
       referencing old table as gone new table as added ${execute}`,
    `create trigger sessions_gone after delete on sessions referencing old table as gone ${execute}`,
    `create trigger sessions_emptied after truncate on sessions ${execute}`,
    keysChanged,
    `create trigger key_altered after update on api_keys for each row
       when (${keyDiffers}) execute function tokmesh_key_changed()`,
    'create trigger key_gone after delete on api_keys for each row execute function tokmesh_key_changed()',
    'create trigger keys_emptied after truncate on api_keys for each statement execute function tokmesh_key_changed()',
    // The sweep of a node's own shards passes over the others' in the index alone.
    'drop index sessions_unswept',
    'create index sessions_unswept on sessions (expires_at, shard_id) where not is_deleted',
  ],
}
