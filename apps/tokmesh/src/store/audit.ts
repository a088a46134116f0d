import { lt, sql } from 'drizzle-orm'
import type { AuditEntry, AuditStore } from '../domain/audit.ts'
import { TokMeshError } from '../domain/errors.ts'
import { queryAudit } from './audit-query.ts'
import type { Database } from './database.ts'
import { DatabaseFault } from './faults.ts'
import { auditLog } from './schema.ts'

/** Returns the audit log in the database. */
export function createAuditStore({ run, read }: Database): AuditStore {
  return {
    async append(entries) {
      if (entries.length === 0) return
      await run((db) => db.execute(insertOf(entries)))
    },
    query: (query) => read((db) => queryAudit(db, query)),
    async removeBefore(timestamp, limit) {
      const result = await run((db) => {
        const { timestamp: at, id } = auditLog
        const oldest = db.select({ at, id }).from(auditLog).where(lt(at, timestamp)).orderBy(at, id).limit(limit)
        return db.delete(auditLog).where(sql`(${at}, ${id}) in ${oldest}`).returning({ id })
      })
      return result.length
    },
    isRefusal,
  }
}

/** One parameter for all of them, so that a batch of any size is the same statement to the database. */
function insertOf(entries: readonly AuditEntry[]) {
  return sql`
    insert into ${auditLog}
    select * from json_to_recordset(${JSON.stringify(entries)}::json) as given (
      "timestamp" bigint, id text, "operatorId" text, action text, resource text, "userAgent" text,
      details json, result text, "tcpRemoteIp" text, "clientIp" text
    )
    on conflict do nothing`
}

/** Whether what was given is at fault: data exceptions, broken constraints, program limits. The rest may pass. */
function isRefusal(error: unknown): boolean {
  return error instanceof TokMeshError && error.cause instanceof DatabaseFault && /^(22|23|54)/.test(error.cause.code)
}
