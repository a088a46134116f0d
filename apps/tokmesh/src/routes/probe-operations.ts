/** Declarations of `/health`, `/ready`, the probes of the plain dialect and `/metrics`. */
import { z } from 'zod'
import { unixMs } from './answers.ts'
import { operation, type PlainOperation } from './operation.ts'

/** With `telemetry.health.auth_enabled` the probes ask for a `metrics` or `admin` key. */
const guarded = ['TM-AUTH-4010', 'TM-AUTH-4011', 'TM-AUTH-4012', 'TM-AUTH-4030', 'TM-AUTH-4031'] as const

export const health = operation({
  id: 'health',
  method: 'GET',
  path: '/health',
  tag: 'Probes',
  summary: 'Whether the process is alive',
  description: 'Touches no dependency.',
  roles: [],
  data: z.strictObject({ status: z.literal('healthy'), timestamp: unixMs() }),
  errors: guarded,
})

export const ready = operation({
  id: 'ready',
  method: 'GET',
  path: '/ready',
  tag: 'Probes',
  summary: 'Whether requests can be answered',
  description: 'Otherwise 503 with `details.checks`, a text for each check.',
  roles: [],
  data: z.strictObject({ status: z.literal('ready'), checks: z.record(z.string(), z.string()) }),
  errors: [...guarded, 'TM-SYS-5030'],
})

const timestamp = { type: 'string', format: 'date-time' }

const check = {
  type: 'object',
  properties: {
    status: { enum: ['pass', 'fail', 'skip'] },
    latency_ms: { type: 'number' },
    message: { type: 'string' },
  },
  required: ['status'],
}

/** Body of a plain probe whose status is one of these. */
const plainBody = (...statuses: readonly string[]) => ({
  'application/json': {
    schema: {
      type: 'object',
      properties: { status: { enum: statuses }, timestamp, checks: { type: 'object', additionalProperties: check } },
      required: ['status', 'timestamp'],
    },
  },
})

export const healthLive: PlainOperation = {
  id: 'healthLive',
  method: 'GET',
  path: '/health/live',
  tag: 'Probes',
  summary: 'Liveness, in the plain dialect',
  roles: [],
  answers: { 200: { description: 'The process is alive.', content: plainBody('healthy') } },
  errors: guarded,
}

export const healthReady: PlainOperation = {
  id: 'healthReady',
  method: 'GET',
  path: '/health/ready',
  tag: 'Probes',
  summary: 'Readiness, in the plain dialect',
  roles: [],
  answers: {
    200: { description: 'Every check passes or is skipped.', content: plainBody('healthy') },
    503: { description: 'A check fails.', content: plainBody('unhealthy') },
  },
  errors: guarded,
}

export const healthStartup: PlainOperation = {
  id: 'healthStartup',
  method: 'GET',
  path: '/health/startup',
  tag: 'Probes',
  summary: 'Start-up, in the plain dialect',
  roles: [],
  answers: {
    200: { description: 'The start is over, for good.', content: plainBody('ready') },
    503: { description: 'The service is starting.', content: plainBody('starting') },
  },
  errors: guarded,
}

export const metrics: PlainOperation = {
  id: 'metrics',
  method: 'GET',
  path: '/metrics',
  tag: 'Probes',
  summary: 'Metrics for Prometheus',
  description: 'Classic text, or OpenMetrics 1.0 with exemplars to a scraper whose `Accept` prefers it.',
  roles: ['metrics', 'admin'],
  answers: {
    200: {
      description: 'The exposition.',
      content: {
        'text/plain; version=0.0.4; charset=utf-8': { schema: { type: 'string' } },
        'application/openmetrics-text; version=1.0.0; charset=utf-8': { schema: { type: 'string' } },
      },
    },
  },
  errors: [
    'TM-AUTH-4010',
    'TM-AUTH-4011',
    'TM-AUTH-4012',
    'TM-AUTH-4030',
    'TM-AUTH-4031',
    'TM-SYS-5000',
    'TM-SYS-5030',
  ],
}
