import type { Migration } from './index.ts'

/**
 * How many audit entries there are, by ten minutes and action: of each operator, and of all under the operator `''`,
 * so that a query without an operator reads no more rows when failed logins have made many up. To count four million
 * entries one by one takes longer than a statement may. No row is a node's own, as each node writes its entries with
 * one connection: they wait for one another no longer than a commit takes.
 */
const table = `
create table audit_counts (
  operator_id text collate "C" not null,
  bucket bigint not null,
  action text collate "C" not null,
  n bigint not null,
  primary key (operator_id, bucket, action)
) with (fillfactor = 50)`

/** The rows for some entries, each with its part of the sum. In order, so that two nodes cannot block each other. */
const sums = (sign: string, entries: string) => `
  select coalesce(operator_id, ''), timestamp / 600000 as bucket, action, ${sign} count(*)
  from ${entries}
  group by grouping sets ((bucket, action), (operator_id, bucket, action))
  having grouping(operator_id) = 1 or operator_id <> ''
  order by 1, 2, 3`

const add = (sign: string, entries: string) => `
    insert into audit_counts as counts ${sums(sign, entries)}
      on conflict (operator_id, bucket, action) do update set n = counts.n + excluded.n;`

/** The triggers' function. What is gone takes its rows along, or the operators of failed logins would stay for ever. */
const count = `
create function tokmesh_count_audit() returns trigger language plpgsql as $$
begin
  if tg_op = 'TRUNCATE' then
    delete from audit_counts;
  end if;
  if tg_op in ('INSERT', 'UPDATE') then
    ${add('', 'added')}
  end if;
  if tg_op in ('DELETE', 'UPDATE') then
    ${add('-', 'gone')}
    delete from audit_counts using (
      select operator_id, timestamp / 600000 as bucket, action from gone
      union select '', timestamp / 600000, action from gone
    ) as was
    where audit_counts.operator_id = was.operator_id and audit_counts.bucket = was.bucket
      and audit_counts.action = was.action and n = 0;
  end if;
  return null;
end $$`

const trigger = (name: string, event: string, rows: string) =>
  `create trigger ${name} after ${event} on audit_log ${rows} for each statement execute function tokmesh_count_audit()`

export const auditCountsMigration: Migration = {
  version: 7,
  name: 'audit_counts',
  statements: [
    table,
    count,
    // Other nodes go on writing while this one migrates: they wait for the end of it.
    'lock table audit_log in share row exclusive mode',
    `insert into audit_counts ${sums('', 'audit_log')}`,
    trigger('count_added', 'insert', 'referencing new table as added'),
    trigger('count_gone', 'delete', 'referencing old table as gone'),
    trigger('count_changed', 'update', 'referencing old table as gone new table as added'),
    trigger('count_emptied', 'truncate', ''),
    // What a busy key did rarely is found at once, too.
    'create index audit_log_of_operator_and_action on audit_log (operator_id, action, timestamp, id)',
  ],
}
