import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { Db } from './connection.ts'
import { sessions } from './schema.ts'

/**
 * Builds the statements for several requests at once. Sessions are given as JSON, each once and with the time of its own
 * request. They are locked in the order of their ids, and those that another transaction holds are passed over: so these
 * statements wait for no session, and no two can block each other.
 */
export function prepareSharedStatements(db: Db) {
  return {
    renewMany: db
      .update(sessions)
      .set({
        expiresAt: sql`given.expires_at`,
        ttl: sql`given.ttl`,
        lastActive: sql`greatest(${sessions.lastActive}, given.now)`,
        version: sql`${sessions.version} + 1`,
        isDeleted: false,
      })
      .from(free(sql`id text, now bigint, ttl integer, expires_at bigint`, sql`asked.ttl, asked.expires_at`))
      .where(sql`${sessions.id} = given.id`)
      .returning(getTableColumns(sessions))
      .prepare('session_renew_many'),
    revokeMany: db
      .update(sessions)
      .set({ isDeleted: true, revokedAt: sql`given.now` })
      .from(free(sql`id text, now bigint`))
      .where(sql`${sessions.id} = given.id`)
      .returning(getTableColumns(sessions))
      .prepare('session_revoke_many'),
  }
}

/** Those of the sessions that are active and held by nobody, locked, with what was given of them. */
function free(fields: SQL, more?: SQL): SQL {
  return sql`(
    select id, asked.now${more && sql`, ${more}`}
    from json_to_recordset(${sql.placeholder('calls')}::json) as asked(${fields})
    join ${sessions} using (id)
    where ${sessions.revokedAt} = 0 and ${sessions.expiresAt} > asked.now
    order by id for update of ${sessions} skip locked
  ) given`
}
