import { bigint, boolean, integer, json, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { type AuditDetails, auditActions } from '../domain/audit.ts'

/** Unix milliseconds, which JavaScript's numbers hold exactly. */
const unixMs = (name: string) => bigint(name, { mode: 'number' })

/** Sessions and their tombstones: the 17 fields of the contract's section 2, and when they were revoked. */
export const sessions = pgTable('sessions', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  tokenHash: text('token_hash').notNull(),
  ipAddress: text('ip_address').notNull(),
  userAgent: text('user_agent').notNull(),
  lastAccessIp: text('last_access_ip').notNull(),
  lastAccessUa: text('last_access_ua').notNull(),
  deviceId: text('device_id').notNull(),
  createdBy: text('created_by').notNull(),
  createdAt: unixMs('created_at').notNull(),
  expiresAt: unixMs('expires_at').notNull(),
  lastActive: unixMs('last_active').notNull(),
  data: json('data').$type<Readonly<Record<string, string>>>().notNull(),
  version: integer('version').notNull(),
  shardId: integer('shard_id').notNull(),
  ttl: integer('ttl').notNull(),
  isDeleted: boolean('is_deleted').notNull(),
  revokedAt: unixMs('revoked_at').notNull(),
})

/** How many sessions of a shard are no tombstones; a shard that never had one has no row. */
export const shardCounts = pgTable('shard_counts', {
  shardId: integer('shard_id').primaryKey(),
  kept: bigint('kept', { mode: 'number' }).notNull(),
})

/** API keys: the contract's section 6.2. */
export const apiKeys = pgTable('api_keys', {
  id: text('id').primaryKey(),
  role: text('role').notNull(),
  description: text('description').notNull(),
  allowList: json('allow_list').$type<readonly string[]>().notNull(),
  rateLimit: integer('rate_limit').notNull(),
  expiresAt: unixMs('expires_at').notNull(),
  status: text('status', { enum: ['active', 'disabled'] }).notNull(),
  secretHash: text('secret_hash').notNull(),
  oldSecretHash: text('old_secret_hash').notNull(),
  gracePeriodEnd: unixMs('grace_period_end').notNull(),
  createdAt: unixMs('created_at').notNull(),
  createdBy: text('created_by').notNull(),
  lastUsedAt: unixMs('last_used_at').notNull(),
  version: integer('version').notNull(),
})

/** Audit entries: the contract's section 9.2. Columns in the order in which `audit.ts` writes them. */
export const auditLog = pgTable(
  'audit_log',
  {
    timestamp: unixMs('timestamp').notNull(),
    id: text('id').notNull(),
    operatorId: text('operator_id').notNull(),
    action: text('action', { enum: auditActions }).notNull(),
    resource: text('resource').notNull(),
    userAgent: text('user_agent').notNull(),
    details: json('details').$type<AuditDetails>().notNull(),
    result: text('result', { enum: ['SUCCESS', 'FAILURE'] }).notNull(),
    tcpRemoteIp: text('tcp_remote_ip').notNull(),
    clientIp: text('client_ip').notNull(),
  },
  ({ timestamp, id }) => [primaryKey({ columns: [timestamp, id] })],
)

/** Numbers of audit entries by ten minutes and action: of each operator, and of all under the operator `''`. */
export const auditCounts = pgTable('audit_counts', {
  operatorId: text('operator_id').notNull(),
  /** Unix ms / 600,000, rounded down. */
  bucket: bigint('bucket', { mode: 'number' }).notNull(),
  action: text('action', { enum: auditActions }).notNull(),
  n: bigint('n', { mode: 'number' }).notNull(),
})

/** Which migrations have run. */
export const schemaMigrations = pgTable('schema_migrations', {
  version: integer('version').primaryKey(),
  name: text('name').notNull(),
  appliedAt: unixMs('applied_at').notNull(),
})
