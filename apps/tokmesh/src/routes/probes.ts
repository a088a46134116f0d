/** `/health`, `/ready`, the plain-dialect probes and `/metrics`: the contract's sections 4.9 to 4.11 and 13. */
import type { Health, Render } from '@honoscope/health'
import { type Handler, Hono, type MiddlewareHandler } from 'hono'
import { TokMeshError } from '../domain/errors.ts'
import type { AppContext, AppEnv } from '../http/env.ts'
import { ok, refuse } from '../http/envelope.ts'
import { stampRequestId } from '../http/errors.ts'
import * as declared from './probe-operations.ts'

/** What the probes need. */
export interface ProbeDeps {
  readonly health: Health
  /** Writes the exposition. */
  readonly exposition: Handler
  /** Guards `/metrics`; `undefined` where it is open. */
  readonly metricsAccess: MiddlewareHandler<AppEnv> | undefined
  /** Guards the probes; `undefined`, as is usual, where they are open. */
  readonly healthAccess: MiddlewareHandler<AppEnv> | undefined
}

/** The routes of probes and scrapers. */
export function probeRoutes({ health, exposition, metricsAccess, healthAccess }: ProbeDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const probe = (path: string, handler: Handler) => {
    if (healthAccess) app.get(path, healthAccess)
    app.get(path, stampRequestId, handler)
  }
  probe(declared.health.path, health.health(renderHealth))
  probe(declared.ready.path, health.ready(renderReady))
  probe(declared.healthLive.path, health.live())
  probe(declared.healthReady.path, health.ready())
  probe(declared.healthStartup.path, health.startup())
  if (metricsAccess) app.get(declared.metrics.path, metricsAccess)
  app.get(declared.metrics.path, stampRequestId, exposition)
  return app
}

const renderHealth: Render = (report, c) => ok(c as AppContext, { status: 'healthy', timestamp: report.timestamp })

const renderReady: Render = (report, context) => {
  const c = context as AppContext
  const texts = Object.entries(report.checks).map(([name, { status, message }]) => {
    return [name, status === 'fail' ? (message ?? 'failed') : 'ok']
  })
  const checks = Object.fromEntries(texts)
  if (report.ok) return ok(c, { status: 'ready', checks })
  return refuse(c, new TokMeshError('TM-SYS-5030', 'Not ready', { details: { checks } }))
}
