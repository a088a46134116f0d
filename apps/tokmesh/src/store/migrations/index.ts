import { sessionsMigration } from './0001_sessions.ts'
import { apiKeysMigration } from './0002_api_keys.ts'
import { auditLogMigration } from './0003_audit_log.ts'
import { clusterMigration } from './0004_cluster.ts'
import { searchMigration } from './0005_search.ts'
import { sessionCountsMigration } from './0006_session_counts.ts'
import { auditCountsMigration } from './0007_audit_counts.ts'
import { changesMigration } from './0008_changes.ts'
import { clusterNodesMigration } from './0009_cluster_nodes.ts'

/** One step of the schema. Once released it never changes; what comes later is a new step. */
export interface Migration {
  /** Counts from 1 without gaps. */
  readonly version: number
  readonly name: string
  /** Single SQL statements: the embedded database takes one at a time. */
  readonly statements: readonly string[]
}

/** All steps in order. They are TypeScript so that they are found from the sources and from the built files alike. */
export const migrations: readonly Migration[] = [
  sessionsMigration,
  apiKeysMigration,
  auditLogMigration,
  clusterMigration,
  searchMigration,
  sessionCountsMigration,
  auditCountsMigration,
  changesMigration,
  clusterNodesMigration,
]
