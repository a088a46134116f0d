/** Made from the OpenAPI document of TokMesh by `npm run generate`: what is changed here by hand is lost. */

/** Every code that is ever sent. */
export type ErrorCode =
  | 'TM-SYS-4000'
  | 'TM-SYS-4040'
  | 'TM-SYS-4050'
  | 'TM-SYS-4130'
  | 'TM-SYS-4290'
  | 'TM-SYS-5000'
  | 'TM-SYS-5001'
  | 'TM-SYS-5030'
  | 'TM-AUTH-4010'
  | 'TM-AUTH-4011'
  | 'TM-AUTH-4012'
  | 'TM-AUTH-4014'
  | 'TM-AUTH-4015'
  | 'TM-AUTH-4030'
  | 'TM-AUTH-4031'
  | 'TM-SESS-4001'
  | 'TM-SESS-4002'
  | 'TM-SESS-4040'
  | 'TM-SESS-4041'
  | 'TM-SESS-4090'
  | 'TM-SESS-4091'
  | 'TM-TOKN-4000'
  | 'TM-TOKN-4010'
  | 'TM-TOKN-4011'
  | 'TM-TOKN-4012'
  | 'TM-TOKN-4090'
  | 'TM-ARG-1001'
  | 'TM-ARG-1002'
  | 'TM-ARG-1003'
  | 'TM-ADMIN-4030'
  | 'TM-ADMIN-4031'
  | 'TM-ADMIN-4041'
  | 'TM-ADMIN-4130'
  | 'TM-ADMIN-4291'
  | 'TM-ADMIN-5001'
  | 'TM-ADMIN-5031'
  | 'TM-CLST-4090'
  | 'TM-CLST-5030'
  | 'TM-CLST-5040'
  | 'TM-CLST-5050'

export interface Session {
  /** Public id. */
  readonly id: string
  readonly user_id: string
  /** Address of the client at create. */
  readonly ip_address: string
  /** `User-Agent` at create, cut at 512 characters. */
  readonly user_agent: string
  /** Address of the client at the last validate with touch. */
  readonly last_access_ip: string
  /** `User-Agent` at the last validate with touch. */
  readonly last_access_ua: string
  /** Empty when it was not given. */
  readonly device_id: string
  /** Id of the API key that created it. */
  readonly created_by: string
  /** Unix ms. */
  readonly created_at: number
  /** Unix ms. Expired from this moment on. */
  readonly expires_at: number
  /** Unix ms. Never goes back. */
  readonly last_active: number
  readonly data: Readonly<Record<string, string>>
  /** One more with each change. */
  readonly version: number
}

export interface PartialSession {
  /** Public id. */
  readonly id: string
  readonly user_id?: string | undefined
  /** Address of the client at create. */
  readonly ip_address?: string | undefined
  /** `User-Agent` at create, cut at 512 characters. */
  readonly user_agent?: string | undefined
  /** Address of the client at the last validate with touch. */
  readonly last_access_ip?: string | undefined
  /** `User-Agent` at the last validate with touch. */
  readonly last_access_ua?: string | undefined
  /** Empty when it was not given. */
  readonly device_id?: string | undefined
  /** Id of the API key that created it. */
  readonly created_by?: string | undefined
  /** Unix ms. */
  readonly created_at?: number | undefined
  /** Unix ms. Expired from this moment on. */
  readonly expires_at?: number | undefined
  /** Unix ms. Never goes back. */
  readonly last_active?: number | undefined
  readonly data?: Readonly<Record<string, string>> | undefined
  /** One more with each change. */
  readonly version?: number | undefined
}

export interface ApiKey {
  readonly key_id: string
  readonly role: string
  readonly description: string
  readonly allowedlist: readonly string[]
  /** Requests per second on each node. */
  readonly rate_limit: number
  /** Unix ms. 0: never. */
  readonly expires_at: number
  /** Unix ms. Until then the secret before the last rotation works too; 0: none does. */
  readonly grace_period_end: number
  readonly status: 'active' | 'disabled'
  /** Unix ms. */
  readonly created_at: number
  /** Id of the creating key, or `system`. */
  readonly created_by: string
  /** Unix ms. 0: never. */
  readonly last_used_at: number
}

/** `total` counts every match, on all pages. */
export interface Pagination {
  readonly page: number
  readonly size: number
  readonly total: number
}

export interface StatusSummary {
  /** Age of this process. */
  readonly uptime_seconds: number
  /** `tokmesh_shard_keys_count` of this node. */
  readonly total_sessions: number
  /** `tokmesh_sessions_active_total` of this node. */
  readonly active_sessions: number
  /** Resident memory, in units of 1,048,576 bytes. */
  readonly memory_usage_mb: number
  /** Requests answered per second, mean of the last 10 s. */
  readonly current_qps: number
  readonly cluster_state: 'healthy' | 'degraded' | 'quorum_lost'
  readonly cluster_state_reasons: readonly string[]
  readonly version: string
  readonly node_id: string
}

export interface Node {
  readonly node_id: string
  /** host:port for the other nodes. */
  readonly address: string
  readonly status: 'active' | 'draining' | 'down'
  readonly role: 'leader' | 'member'
  readonly version: string
  /** Age of its process. */
  readonly uptime_seconds: number
  /** Unix ms. */
  readonly last_heartbeat: number
  readonly metrics: {
    /** Sessions of its shards without tombstones. */
    readonly sessions_count: number
    /** Points on the ring of shards. */
    readonly vnodes: number
  }
}

export interface AuditEntry {
  readonly id: string
  /** Unix ms. */
  readonly timestamp: number
  /** Id of the calling key, or `system`. */
  readonly operator_id: string
  readonly action:
    | 'SESSION_CREATED'
    | 'SESSION_RENEWED'
    | 'SESSION_REVOKED'
    | 'USER_SESSIONS_REVOKED'
    | 'KEY_CREATED'
    | 'KEY_ENABLED'
    | 'KEY_DISABLED'
    | 'KEY_ROTATED'
    | 'GC_TRIGGERED'
    | 'AUTH_FAILED'
  /** What it was done to, e.g. `session:<id>`; empty when unknown. */
  readonly resource: string
  /** The same as `client_ip`. */
  readonly ip_address: string
  readonly user_agent: string
  readonly details: Readonly<Record<string, unknown>>
  readonly result: 'SUCCESS' | 'FAILURE'
  /** The other end of the connection. */
  readonly tcp_remote_ip: string
  /** Who asked, behind trusted proxies. */
  readonly client_ip: string
}

/** Fields of: Create a session. */
export interface CreateSessionRequest {
  /** Whose session it is. */
  readonly user_id: string
  /** Which device it is on. */
  readonly device_id?: string | undefined
  /** Life in seconds. Default: session.ttl.default. */
  readonly ttl_seconds?: number | undefined
  /** Texts of the caller's own, at most 4096 bytes as compact JSON. */
  readonly data?: Readonly<Record<string, string>> | undefined
  /** A token of your own instead of a generated one. */
  readonly token?: string | undefined
}

/** What `createSession` resolves to. */
export interface CreateSessionResult {
  readonly session_id: string
  readonly token: string
  /** Unix ms. */
  readonly expires_at: number
}

/** Parameters of: Search sessions. */
export interface SearchSessionsQuery {
  /** Sessions of this user. */
  readonly user_id?: string | undefined
  /** Sessions of this device. */
  readonly device_id?: string | undefined
  /** Page, counted from 1. */
  readonly page?: number | undefined
  /** Items on a page. */
  readonly size?: number | undefined
  /** Sessions created from this address, or from an address of this CIDR block. */
  readonly ip_address?: string | undefined
  /** Sessions created with this API key; its id in any case. */
  readonly key_id?: string | undefined
  /** Sessions created at this time or later. Unix ms, or RFC 3339. */
  readonly time_range_start?: number | string | undefined
  /** Sessions created before this time. Unix ms, or RFC 3339. */
  readonly time_range_end?: number | string | undefined
  /** Sessions whose `last_active` is this time or later. Unix ms, or RFC 3339. */
  readonly active_after?: number | string | undefined
  /** Sessions that can be used; or those that have expired and are still kept, revoked ones included. */
  readonly status?: 'active' | 'expired' | undefined
  /** What to sort by. */
  readonly sort_by?: 'created_at' | 'last_active' | undefined
  /** Which way to sort; sessions that tie are sorted by their id, the same way. */
  readonly sort_order?: 'desc' | 'asc' | undefined
  /** Names of the wanted fields, with commas. Some of: id, user_id, ip_address, user_agent, last_access_ip, last_access_ua, device_id, created_by, created_at, expires_at, last_active, data, version. */
  readonly fields?: string | undefined
}

/** What `searchSessions` resolves to. */
export interface SearchSessionsResult {
  readonly items: readonly PartialSession[]
  /** Matches on all pages. */
  readonly total_items: number
  readonly page: number
  readonly size: number
}

/** What `getSession` resolves to. */
export type GetSessionResult = Session

/** Parameters of: Note that a session is in use. */
export interface TouchSessionQuery {
  /** Names of the wanted fields, with commas. Some of: id, user_id, ip_address, user_agent, last_access_ip, last_access_ua, device_id, created_by, created_at, expires_at, last_active, data, version. */
  readonly fields?: string | undefined
}

/** What `touchSession` resolves to. */
export type TouchSessionResult = PartialSession

/** Fields of: Give a session a new life. */
export interface RenewSessionRequest {
  /** New life in seconds, counted from now. */
  readonly ttl_seconds: number
}

/** What `renewSession` resolves to. */
export interface RenewSessionResult {
  /** Unix ms. */
  readonly new_expires_at: number
}

/** Fields of: Revoke a session. */
export interface RevokeSessionRequest {
  /** Wait until a majority of the nodes has confirmed. */
  readonly sync?: boolean | undefined
}

/** What `revokeSession` resolves to. */
export type RevokeSessionResult = Readonly<Record<string, never>>

/** Fields of: Revoke all sessions of a user. */
export interface RevokeUserSessionsRequest {
  /** Wait until a majority of the nodes has confirmed. */
  readonly sync?: boolean | undefined
}

/** What `revokeUserSessions` resolves to. */
export interface RevokeUserSessionsResult {
  readonly revoked_count: number
}

/** Fields of: Validate a token. */
export interface ValidateTokenRequest {
  /** The token that the user sent. */
  readonly token: string
  /** Note the access: time, address, user agent. */
  readonly touch?: boolean | undefined
}

/** What `validateToken` resolves to. */
export interface ValidateTokenResult {
  readonly valid: true
  readonly session: Session
}

/** Fields of: Make an API key. */
export interface CreateKeyRequest {
  /** What the key may do. */
  readonly role: 'metrics' | 'validator' | 'issuer' | 'admin'
  /** For people. */
  readonly description?: string | undefined
  /** Addresses and CIDR blocks that the key may be used from; none: from anywhere. */
  readonly allowedlist?: readonly string[] | undefined
  /** Requests per second. Default: 1000. */
  readonly rate_limit?: number | undefined
  /** Unix ms; 0, the default: never. */
  readonly expires_at?: number | undefined
}

/** What `createKey` resolves to. */
export interface CreateKeyResult {
  readonly key_id: string
  readonly key_secret: string
  /** Unix ms. */
  readonly created_at: number
  /** Unix ms. 0: never. */
  readonly expires_at: number
  /** Something to think about. */
  readonly warning?: string | undefined
}

/** Parameters of: List API keys. */
export interface ListKeysQuery {
  /** Page, counted from 1. */
  readonly page?: number | undefined
  /** Items on a page. */
  readonly size?: number | undefined
  /** Only keys of this role. */
  readonly role?: 'metrics' | 'validator' | 'issuer' | 'admin' | undefined
  /** Only keys with this status. */
  readonly status?: 'active' | 'disabled' | undefined
}

/** What `listKeys` resolves to. */
export interface ListKeysResult {
  readonly items: readonly ApiKey[]
  readonly pagination: Pagination
  /** Matches on all pages. */
  readonly total_items: number
}

/** Fields of: Disable or enable an API key. */
export interface SetKeyStatusRequest {
  /** Whether the key can be used. */
  readonly status: 'active' | 'disabled'
}

/** What `setKeyStatus` resolves to. */
export interface SetKeyStatusResult {
  readonly key_id: string
  readonly status: 'active' | 'disabled'
  /** Unix ms. */
  readonly updated_at: number
  /** Something to think about. */
  readonly warning?: string | undefined
}

/** What `rotateKey` resolves to. */
export interface RotateKeyResult {
  readonly key_id: string
  readonly new_key_secret: string
  /** Unix ms. */
  readonly old_secret_valid_until: number
}

/** What `statusSummary` resolves to. */
export type StatusSummaryResult = StatusSummary

/** Fields of: Clean up now. */
export interface TriggerGcRequest {
  /** What to clean up. */
  readonly type?: 'expired_sessions' | 'memory' | 'all' | undefined
}

/** What `triggerGc` resolves to. */
export interface TriggerGcResult {
  /** Expired sessions that became tombstones. */
  readonly cleaned_count: number
  /** How long it took. */
  readonly duration_ms: number
  /** Only where memory was looked at. */
  readonly freed_memory_mb?: number | undefined
}

/** What `listNodes` resolves to. */
export interface ListNodesResult {
  readonly nodes: readonly Node[]
  /** UUID, made once and kept in the database. */
  readonly cluster_id: string
  /** Empty while there is no leader. */
  readonly leader_id: string
}

/** Parameters of: Read the audit log. */
export interface ListAuditEntriesQuery {
  /** Only entries at or after this time. */
  readonly start_time?: number | undefined
  /** Only entries before this time. */
  readonly end_time?: number | undefined
  /** Only entries of this key, or of `system`. */
  readonly operator_id?: string | undefined
  /** Only entries with this action. */
  readonly action?:
    | 'SESSION_CREATED'
    | 'SESSION_RENEWED'
    | 'SESSION_REVOKED'
    | 'USER_SESSIONS_REVOKED'
    | 'KEY_CREATED'
    | 'KEY_ENABLED'
    | 'KEY_DISABLED'
    | 'KEY_ROTATED'
    | 'GC_TRIGGERED'
    | 'AUTH_FAILED'
    | undefined
  /** Page, counted from 1. */
  readonly page?: number | undefined
  /** Items on a page. */
  readonly size?: number | undefined
}

/** What `listAuditEntries` resolves to. */
export interface ListAuditEntriesResult {
  readonly items: readonly AuditEntry[]
  readonly pagination: Pagination
  /** Matches on all pages. */
  readonly total_items: number
}

/** What `health` resolves to. */
export interface HealthResult {
  readonly status: 'healthy'
  /** Unix ms. */
  readonly timestamp: number
}

/** What `ready` resolves to. */
export interface ReadyResult {
  readonly status: 'ready'
  readonly checks: Readonly<Record<string, string>>
}

/** The operations as methods; each resolves to the `data` of its answer. */
export interface Operations<Options> {
  /** Create a session. The token is in this answer and in no other. Roles: issuer, admin. */
  createSession(body: CreateSessionRequest, options?: Options): Promise<CreateSessionResult>
  /** Search sessions. An issuer has to name a `user_id`. Filters are combined: a session has to meet all of them. With `fields` an item has the named ones and its `id`. Roles: issuer, admin. */
  searchSessions(query?: SearchSessionsQuery, options?: Options): Promise<SearchSessionsResult>
  /** Read a session. Changes nothing. Roles: validator, issuer, admin. */
  getSession(session_id: string, options?: Options): Promise<GetSessionResult>
  /** Note that a session is in use. Sets `last_active`, which never goes back. Roles: issuer, admin. */
  touchSession(session_id: string, query?: TouchSessionQuery, options?: Options): Promise<TouchSessionResult>
  /** Give a session a new life. Counted from now; it may shorten the session too. Roles: issuer, admin. */
  renewSession(session_id: string, body: RenewSessionRequest, options?: Options): Promise<RenewSessionResult>
  /** Revoke a session. An unknown, expired or revoked one is a success too. With `sync`, `TM-SYS-5030` with `details.committed` says that it is revoked, and that not enough nodes have confirmed so in time. Roles: issuer, admin. */
  revokeSession(session_id: string, body?: RevokeSessionRequest, options?: Options): Promise<RevokeSessionResult>
  /** Revoke all sessions of a user. More than 1000 are refused, and none is revoked then. With `sync`, `TM-SYS-5030` with `details.committed` says that they are revoked, and that not enough nodes have confirmed so in time. Roles: issuer, admin. */
  revokeUserSessions(
    user_id: string,
    body?: RevokeUserSessionsRequest,
    options?: Options,
  ): Promise<RevokeUserSessionsResult>
  /** Validate a token. Every verdict on a token is 401 or 400 with `details.valid` false. With `touch` the access is noted. Roles: validator, issuer, admin. */
  validateToken(body: ValidateTokenRequest, options?: Options): Promise<ValidateTokenResult>
  /** Make an API key. The secret is in this answer and in no other. Roles: admin. */
  createKey(body: CreateKeyRequest, options?: Options): Promise<CreateKeyResult>
  /** List API keys. The newest first. No secret and no hash is ever shown. Roles: admin. */
  listKeys(query?: ListKeysQuery, options?: Options): Promise<ListKeysResult>
  /** Disable or enable an API key. At once on this node, on others within 2 s. Roles: admin. */
  setKeyStatus(key_id: string, body: SetKeyStatusRequest, options?: Options): Promise<SetKeyStatusResult>
  /** Give an API key a new secret. The old secret works on for security.auth.rotation_grace. Roles: admin. */
  rotateKey(key_id: string, options?: Options): Promise<RotateKeyResult>
  /** How this node is. The numbers are those of `/metrics`, at most 1 s old. Roles: admin. */
  statusSummary(options?: Options): Promise<StatusSummaryResult>
  /** Clean up now. Each type once a minute and node. Nothing depends on it but numbers and space. Roles: admin. */
  triggerGc(body?: TriggerGcRequest, options?: Options): Promise<TriggerGcResult>
  /** List the nodes. Roles: admin. */
  listNodes(options?: Options): Promise<ListNodesResult>
  /** Read the audit log. The newest first. An entry is here within a second after its call. Roles: admin. */
  listAuditEntries(query?: ListAuditEntriesQuery, options?: Options): Promise<ListAuditEntriesResult>
  /** Whether the process is alive. Touches no dependency. */
  health(options?: Options): Promise<HealthResult>
  /** Whether requests can be answered. Otherwise 503 with `details.checks`, a text for each check. */
  ready(options?: Options): Promise<ReadyResult>
}

/** What a call of each operation is made of. */
export const operations = {
  createSession: { method: 'POST', path: '/sessions', input: 'body', antiReplay: true },
  searchSessions: { method: 'GET', path: '/sessions', input: 'query', antiReplay: false },
  getSession: { method: 'GET', path: '/sessions/{session_id}', input: 'none', antiReplay: false },
  touchSession: { method: 'POST', path: '/sessions/{session_id}/touch', input: 'query', antiReplay: true },
  renewSession: { method: 'POST', path: '/sessions/{session_id}/renew', input: 'body', antiReplay: true },
  revokeSession: { method: 'POST', path: '/sessions/{session_id}/revoke', input: 'body', antiReplay: true },
  revokeUserSessions: { method: 'POST', path: '/users/{user_id}/sessions/revoke', input: 'body', antiReplay: true },
  validateToken: { method: 'POST', path: '/tokens/validate', input: 'body', antiReplay: true },
  createKey: { method: 'POST', path: '/admin/v1/keys', input: 'body', antiReplay: true },
  listKeys: { method: 'GET', path: '/admin/v1/keys', input: 'query', antiReplay: false },
  setKeyStatus: { method: 'POST', path: '/admin/v1/keys/{key_id}/status', input: 'body', antiReplay: true },
  rotateKey: { method: 'POST', path: '/admin/v1/keys/{key_id}/rotate', input: 'none', antiReplay: true },
  statusSummary: { method: 'GET', path: '/admin/v1/status/summary', input: 'none', antiReplay: false },
  triggerGc: { method: 'POST', path: '/admin/v1/gc/trigger', input: 'body', antiReplay: true },
  listNodes: { method: 'GET', path: '/admin/v1/cluster/nodes', input: 'none', antiReplay: false },
  listAuditEntries: { method: 'GET', path: '/admin/v1/audit/logs', input: 'query', antiReplay: false },
  health: { method: 'GET', path: '/health', input: 'none', antiReplay: false },
  ready: { method: 'GET', path: '/ready', input: 'none', antiReplay: false },
} as const
