import type { Migration } from './index.ts'

/**
 * How many sessions are no tombstones, kept up to date by the transactions that change it: to count a million takes a
 * tenth of a second, and the metrics ask every second. Each connection adds to a row of its own, so that none waits
 * for another; only the sum of the rows means anything.
 */
const table = `
create table session_counts (
  slot integer primary key,
  kept bigint not null
) with (fillfactor = 10)`

/**
 * The trigger's function. Inserts and deletes come as whole statements, so that a load of a million rows adds once;
 * updates come row by row, and only those that set the flag to another value: a touch never gets here.
 */
const count = `
create function tokmesh_count_sessions() returns trigger language plpgsql as $$
declare
  change bigint;
begin
  if tg_op = 'INSERT' then
    select count(*) into change from added where not is_deleted;
  elsif tg_op = 'DELETE' then
    select -count(*) into change from gone where not is_deleted;
  elsif tg_op = 'UPDATE' then
    change := case when new.is_deleted then -1 else 1 end;
  else
    delete from session_counts;
    change := 0;
  end if;
  if change <> 0 then
    insert into session_counts as counts values (pg_backend_pid() % 1024, change)
      on conflict (slot) do update set kept = counts.kept + excluded.kept;
  end if;
  return null;
end $$`

const execute = 'execute function tokmesh_count_sessions()'

export const sessionCountsMigration: Migration = {
  version: 6,
  name: 'session_counts',
  statements: [
    table,
    count,
    // Other nodes go on writing while this one migrates: they wait for the end of it.
    'lock table sessions in share row exclusive mode',
    'insert into session_counts select 0, count(*) from sessions where not is_deleted',
    `create trigger count_added after insert on sessions referencing new table as added for each statement ${execute}`,
    `create trigger count_gone after delete on sessions referencing old table as gone for each statement ${execute}`,
    `create trigger count_flagged after update of is_deleted on sessions for each row
       when (old.is_deleted is distinct from new.is_deleted) ${execute}`,
    `create trigger count_emptied after truncate on sessions for each statement ${execute}`,
  ],
}
