/** Whatever fails in tracing, in the instrumentation of the database or in the log: no answer is another for it. */
import type { Catalogue, Instrument } from '@honoscope/core'
import { serve } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import type { Span } from '@opentelemetry/api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { createService, type Service } from '../service.ts'
import { observeQueries } from '../telemetry/queries.ts'
import { createTelemetry, type Telemetry, type TelemetryOptions } from '../telemetry.ts'
import { adminKey, type Call, caller, cheapArgon2, type DatabaseKind, databases } from './support.ts'

/** Throws while the fault with this name is set, and counts how often it did. */
interface Faults {
  /** The one that is set. */
  active: string
  thrown: number
  /** All that can be set. */
  readonly names: Set<string>
  at(name: string): void
}

function createFaults(): Faults {
  return {
    active: '',
    thrown: 0,
    names: new Set(),
    at(name) {
      if (name !== this.active) return
      this.thrown += 1
      throw new Error('a fault that was put there')
    },
  }
}

// biome-ignore lint/suspicious/noExplicitAny: methods of every shape are replaced by ones of the same shape.
type Method = (this: unknown, ...args: any[]) => unknown

/** Has every method and getter of `target` fail on demand. */
function arm(target: object, prefix: string, faults: Faults): void {
  for (const [key, own] of Object.entries(Object.getOwnPropertyDescriptors(target))) {
    if (key === 'constructor') continue
    const name = `${prefix}.${key}`
    const { value, get } = own
    if (typeof value !== 'function' && get === undefined) continue
    const wrap = (method: Method): Method =>
      function (...args) {
        faults.at(name)
        return method.apply(this, args)
      }
    const change = get === undefined ? { value: wrap(value) } : { get: wrap(get) }
    Object.defineProperty(target, key, { ...own, ...change, configurable: true })
    faults.names.add(name)
  }
}

/** A catalogue whose every recording fails on demand. */
function armCatalogue(metrics: Catalogue, faults: Faults): Catalogue {
  const armed = <M extends object>(kind: string, metric: M): M => {
    arm(metric, `db ${kind}`, faults)
    if (!('series' in metric) || typeof metric.series !== 'function') return metric
    const series = metric.series.bind(metric)
    Object.defineProperty(metric, 'series', {
      value: (...labels: unknown[]) => {
        const one = series(...labels)
        arm(one, `db ${kind} series`, faults)
        return one
      },
    })
    return metric
  }
  return {
    counter: (options) => armed('counter', metrics.counter(options)),
    gauge: (options) => armed('gauge', metrics.gauge(options)),
    histogram: (options) => armed('histogram', metrics.histogram(options)),
  }
}

/** An instrument whose hooks fail on demand. */
function armInstrument(instrument: Instrument, faults: Faults): Instrument {
  arm(instrument, instrument.name, faults)
  return instrument
}

/** The service's own telemetry, with a fault in each place where one of the three packages is called. */
async function faultyTelemetry(options: TelemetryOptions, faults: Faults): Promise<Telemetry> {
  const telemetry = await createTelemetry(options)
  const { tracing } = telemetry
  const { http, span } = tracing
  const known = new WeakSet<object>()
  const armSpans = (one: Span) => {
    const kind = Object.getPrototypeOf(one)
    if (!known.has(kind)) arm(kind, 'span', faults)
    known.add(kind)
  }
  arm(tracing.tracer, 'tracer', faults)
  Object.assign(tracing, {
    http: (given: Parameters<typeof http>[0]) => armInstrument(http(given), faults),
    span: (name: string, work: (one: Span) => unknown) =>
      span(name, (one) => {
        armSpans(one)
        return work(one)
      }),
  })
  const { metrics } = telemetry
  // The families are there already; the faulty ones go by other names.
  const apart: Catalogue = {
    counter: (given) => metrics.counter({ ...given, prefix: 'faulty_' }),
    gauge: (given) => metrics.gauge({ ...given, prefix: 'faulty_' }),
    histogram: (given) => metrics.histogram({ ...given, prefix: 'faulty_' }),
  }
  const queries = observeQueries({ metrics: armCatalogue(apart, faults), tracing, log: options.log })
  return { ...telemetry, decorateDatabase: queries.decorate }
}

interface Faulty {
  readonly call: Call
  readonly service: Service
  readonly faults: Faults
  stop(): Promise<void>
}

async function startFaulty(kind: DatabaseKind): Promise<Faulty> {
  const database = kind === 'postgres' ? await testDatabase() : undefined
  const { config } = readConfig({
    ...cheapArgon2,
    TOKMESH_BOOTSTRAP_ADMIN_KEY: adminKey,
    TOKMESH_STORAGE_DATA_DIR: 'memory://',
    TOKMESH_TELEMETRY_LOGGING_LEVEL: 'debug',
    TOKMESH_TELEMETRY_TRACING_ENABLED: 'true',
    // Nobody listens there: what is exported doesn't matter here.
    TOKMESH_TELEMETRY_TRACING_ENDPOINT: 'http://127.0.0.1:9',
    TOKMESH_TELEMETRY_TRACING_SAMPLING_RATIO: '1',
    ...(database && { DATABASE_URL: database.url }),
  })
  const faults = createFaults()
  const now = () => {
    faults.at('log.now')
    return Date.now()
  }
  const log = createLog({ level: 'debug', write: () => faults.at('log.write'), now })
  const observability = (options: TelemetryOptions) => faultyTelemetry(options, faults)
  const service = await createService({ config, log, print: () => {}, observability })
  const server = await serve(service.app.fetch)
  await service.prepared
  return {
    ...{ call: caller(server.url), service, faults },
    async stop() {
      await server.stop()
      await service.close()
      await database?.drop()
    },
  }
}

const unknownToken = `tmtk_${'z'.repeat(43)}`

/** What a client sees of every kind of call, without what is new each time. */
async function walk(call: Call): Promise<unknown[]> {
  const seen: unknown[] = []
  const step = async (method: string, path: string, body?: unknown) => {
    const { status, code, data, details, message } = await call(method, path, { key: adminKey, body })
    seen.push([method, status, code, message, details, typeof data === 'object' ? Object.keys(data) : data])
    return data
  }
  const { session_id: id, token } = await step('POST', '/sessions', { user_id: 'ada' })
  await step('GET', `/sessions/${id}`)
  await step('POST', `/sessions/${id}/touch`)
  await step('POST', `/sessions/${id}/renew`, { ttl_seconds: 60 })
  await step('POST', '/tokens/validate', { token, touch: true })
  await step('POST', '/tokens/validate', { token: unknownToken })
  await step('GET', '/sessions?user_id=ada&size=1')
  await step('GET', '/sessions/tmss-01hzzzzzzzzzzzzzzzzzzzzzzz')
  await step('POST', '/sessions', { user_id: '' })
  await step('POST', `/sessions/${id}/revoke`)
  await step('POST', '/users/ada/sessions/revoke')
  await step('GET', '/admin/v1/audit/logs?size=1')
  await step('GET', '/nowhere')
  return seen
}

describe.each(databases)('on %s, an answer stays as it is when', (kind) => {
  let faulty: Faulty
  let sound: readonly unknown[]
  beforeAll(async () => {
    faulty = await startFaulty(kind)
    // The first of each kind of thing happens once: what is compared is what follows.
    await walk(faulty.call)
    sound = await walk(faulty.call)
    expect(sound.map((step) => (step as unknown[])[1])).toEqual([
      ...[201, 200, 200, 200, 200, 401, 200, 404, 400, 200, 200, 200, 404],
    ])
  })
  afterAll(() => faulty?.stop())

  /** Calls everything with one fault in place; how often it struck. */
  async function strikes(name: string): Promise<number> {
    Object.assign(faulty.faults, { active: name, thrown: 0 })
    try {
      expect(await walk(faulty.call)).toEqual(sound)
    } finally {
      faulty.faults.active = ''
    }
    return faulty.faults.thrown
  }

  it.each([
    ...['tracing.start', 'tracing.respond', 'tracing.end'],
    ...['tracer.startSpan'],
    ...['log.write', 'log.now'],
  ])('%s fails', async (name) => {
    expect(await strikes(name)).toBeGreaterThan(0)
  })

  /** The faults that struck, of those whose name begins so. */
  async function struckOf(prefix: string): Promise<string[]> {
    const struck: string[] = []
    for (const name of faulty.faults.names) {
      if (name.startsWith(prefix) && (await strikes(name)) > 0) struck.push(name)
    }
    return struck
  }

  it('any method or property of a span fails', async () => {
    const methods = ['end', 'setAttribute', 'setAttributes', 'updateName', 'spanContext', 'isRecording']
    expect(await struckOf('span.')).toEqual(expect.arrayContaining(methods.map((method) => `span.${method}`)))
  })

  it('the metrics of the database fail', async () => {
    const wanted = ['db counter series.inc', 'db histogram series.observe']
    expect(await struckOf('db ')).toEqual(expect.arrayContaining(wanted))
  })
})
