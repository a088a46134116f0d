import type { Context } from 'hono'
import type { CheckResult, Report } from './report.ts'

/** Writes a probe's answer. `Cache-Control: no-store` is added to whatever it returns; an error of its own goes to the app's `onError`. */
export type Render = (report: Report, context: Context) => Response | Promise<Response>

/** Writes the plain dialect: `{"status":"ok"}`, or status, timestamp and checks; 503 when a check failed. */
export const renderPlain: Render = (report, context) => {
  if (report.probe === 'health') return context.json({ status: 'ok' })
  const startup = report.probe === 'startup'
  const status = startup ? (report.ok ? 'ready' : 'starting') : report.ok ? 'healthy' : 'unhealthy'
  const checks = Object.entries(report.checks).map(([name, result]) => [name, plainCheck(result, startup)])
  const body = { status, timestamp: new Date(report.timestamp).toISOString() }
  // Liveness without checks, the usual kind, has no empty list of them.
  const listed = report.probe === 'live' && checks.length === 0 ? body : { ...body, checks: Object.fromEntries(checks) }
  return context.json(listed, report.ok ? 200 : 503)
}

function plainCheck({ status, latencyMs, message, details }: CheckResult, withDetails: boolean): object {
  return {
    status,
    latency_ms: latencyMs,
    ...(message === undefined ? {} : { message }),
    ...(withDetails ? details : {}),
  }
}
