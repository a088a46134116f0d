/** The service's routes: `createApp` has no side effect and knows neither environment nor database. */
import type { ApiKeys, VerifiedKey } from '@honoscope/api-key'
import type { Health } from '@honoscope/health'
import { type Handler, Hono, type MiddlewareHandler } from 'hono'
import { alwaysFresh, type Freshness } from './cluster/freshness.ts'
import type { AuditStore } from './domain/audit.ts'
import type { Sessions } from './domain/session.ts'
import { guard, isAdminPath } from './http/access.ts'
import type { AntiReplay } from './http/anti-replay.ts'
import { createBodyReader } from './http/body.ts'
import { bodyLimitsFor } from './http/body-bytes.ts'
import type { AppContext, AppEnv } from './http/env.ts'
import { refuse } from './http/envelope.ts'
import { answerTheRest, asTokMeshError, boundary } from './http/errors.ts'
import { documentationRoutes } from './openapi/routes.ts'
import { type AdminDeps, adminRoutes } from './routes/admin.ts'
import { auditRoutes } from './routes/audit.ts'
import type { Role, RouteDeps } from './routes/deps.ts'
import { keyRoutes } from './routes/keys.ts'
import { probeRoutes } from './routes/probes.ts'
import { searchRoutes } from './routes/search.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { userRoutes } from './routes/users.ts'

/** What the app is made of. */
export interface AppDeps {
  readonly sessions: Sessions
  readonly keys: ApiKeys<Role>
  readonly antiReplay: AntiReplay
  readonly health: Health
  readonly admin: AdminDeps
  readonly audit: Pick<AuditStore, 'query'>
  /** Sees every request first: `observe(…)`. */
  readonly observer: (app: Hono<AppEnv>) => MiddlewareHandler
  /** Writes `/metrics`. */
  readonly exposition: Handler
  /** Bytes. */
  readonly maxBodyBytes: number
  /** Whether `/metrics` asks for a key. */
  readonly metricsAuth: boolean
  /** Of what `sessions` answers from memory with. Default: of a node that has its database to itself. */
  readonly freshness?: Freshness | undefined
  /** Whether the probes ask for a key. */
  readonly healthAuth: boolean
}

/** The app that answers every route of the contract. */
export function createApp(deps: AppDeps): Hono<AppEnv> {
  const { sessions, keys, health, exposition } = deps
  const app = new Hono<AppEnv>()
  app.use(deps.observer(app), boundary)
  app.onError((error, c) => refuse(c, asTokMeshError(error)))

  const scraper = { roles: ['metrics', 'admin'], chargeRate: false, staleOnStoreError: true } as const
  const metricsAccess = deps.metricsAuth ? guard(keys, scraper) : undefined
  const healthAccess = deps.healthAuth ? guard(keys, scraper) : undefined
  app.route('/', documentationRoutes())
  app.route('/', probeRoutes({ health, exposition, metricsAccess, healthAccess }))

  const routes = routeDeps(deps)
  app.route('/', searchRoutes(sessions, routes))
  app.route('/', sessionRoutes(sessions, routes))
  app.route('/', userRoutes(sessions, routes))
  app.route('/', tokenRoutes(sessions, routes))

  // Before its routes, and for its unknown ones too: who has no business there learns nothing.
  const adminOnly = routes.access('admin')
  // On every path, not on `/admin/v1/*`: a pattern of its own would stand in the metrics as the route.
  app.use((c, next) => (isAdminPath(c.req.path) ? adminOnly(c, next) : next()))
  app.route('/', keyRoutes(keys, routes))
  app.route('/', adminRoutes(deps.admin, routes))
  app.route('/', auditRoutes(deps.audit, routes))

  answerTheRest(app)
  return app
}

function routeDeps({ keys, antiReplay, maxBodyBytes, freshness = alwaysFresh }: AppDeps): RouteDeps {
  const keyOf = (c: AppContext): VerifiedKey<Role> => c.get('apiKey')
  return {
    freshness,
    access: (...allowed) => guard(keys, { roles: allowed }),
    replay: (c) => antiReplay(keyOf(c).id, { timestamp: c.req.header('x-timestamp'), nonce: c.req.header('x-nonce') }),
    body: createBodyReader(bodyLimitsFor(maxBodyBytes)),
    caller: (c) => ({ keyId: keyOf(c).id, ip: keyOf(c).ip, userAgent: c.req.header('user-agent') ?? '' }),
  }
}
