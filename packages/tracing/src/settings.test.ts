import { describe, expect, it } from 'vitest'
import { createTracing } from './index.ts'
import type { Environment, TracingOptions } from './options.ts'
import { readSettings, type Settings } from './settings.ts'

function settings(env: Environment, options: TracingOptions = {}): Settings {
  const read = readSettings({ enabled: true, env, ...options })
  if (read === undefined) throw new Error('tracing is off')
  return read
}

describe('on or off', () => {
  const endpoint = 'http://127.0.0.1:4318'
  const rows: readonly (readonly [string, boolean, Environment, TracingOptions?])[] = [
    ['nothing is set', false, {}],
    ['what is set is empty', false, { OTEL_ENABLED: '', OTEL_TRACES_EXPORTER: ' ', OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    ['enabled: true', true, {}, { enabled: true }],
    ['OTEL_ENABLED', true, { OTEL_ENABLED: 'true' }],
    ['OTEL_ENABLED in capitals', true, { OTEL_ENABLED: 'TRUE' }],
    ['OTEL_ENABLED=false beats an endpoint', false, { OTEL_ENABLED: 'false', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }],
    ['a malformed OTEL_ENABLED is as if unset', false, { OTEL_ENABLED: 'yes' }],
    ['OTEL_TRACES_EXPORTER=otlp', true, { OTEL_TRACES_EXPORTER: 'otlp' }],
    ['OTEL_TRACES_EXPORTER=console', true, { OTEL_TRACES_EXPORTER: 'console' }],
    ['OTEL_TRACES_EXPORTER=none', false, { OTEL_TRACES_EXPORTER: 'none' }],
    ['none beats an endpoint', false, { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }],
    ['an unknown exporter', false, { OTEL_TRACES_EXPORTER: 'zipkin' }],
    ['a general endpoint', true, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }],
    ['an endpoint that is none', false, { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }],
    ['an endpoint of traces', true, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint }],
    ['an endpoint in the options', true, {}, { otlp: { endpoint } }],
    ['a URL in the options', true, {}, { otlp: { url: endpoint } }],
    ['an exporter in the options', true, {}, { exporter: 'console' }],
    ['enabled: false beats all', false, { OTEL_ENABLED: 'true' }, { enabled: false, otlp: { endpoint } }],
    ['OTEL_SDK_DISABLED beats all', false, { OTEL_SDK_DISABLED: 'true', OTEL_ENABLED: 'true' }, { enabled: true }],
    ['OTEL_SDK_DISABLED=false is nothing', true, { OTEL_SDK_DISABLED: 'false', OTEL_ENABLED: 'true' }],
  ]
  for (const [what, on, env, options] of rows) {
    it(`${what}: ${on ? 'on' : 'off'}`, () => {
      expect(readSettings({ ...options, env }) !== undefined).toBe(on)
    })
  }
})

describe('environment', () => {
  const rows: readonly (readonly [Environment, (from: Settings) => unknown, unknown])[] = [
    [{}, (s) => s.resource['service.name'], 'unknown_service'],
    [{ OTEL_SERVICE_NAME: ' shop ' }, (s) => s.resource['service.name'], 'shop'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=listed' }, (s) => s.resource['service.name'], 'listed'],
    [
      { OTEL_RESOURCE_ATTRIBUTES: 'service.name=listed', OTEL_SERVICE_NAME: 'shop' },
      (s) => s.resource['service.name'],
      'shop',
    ],
    [
      { OTEL_RESOURCE_ATTRIBUTES: 'team=a%2Cb , region = eu%20west,' },
      (s) => [s.resource.team, s.resource.region],
      ['a,b', 'eu west'],
    ],
    [{}, (s) => [s.sampler, s.ratio], ['parentbased_traceidratio', 1]],
    ...(
      [
        'always_on',
        'always_off',
        'traceidratio',
        'parentbased_always_on',
        'parentbased_always_off',
        'parentbased_traceidratio',
      ] as const
    ).map((name) => [{ OTEL_TRACES_SAMPLER: name }, (s: Settings) => s.sampler, name] as const),
    [{ OTEL_TRACES_SAMPLER_ARG: '0.25' }, (s) => s.ratio, 0.25],
    [{}, (s) => s.propagators, ['tracecontext', 'baggage']],
    [{ OTEL_PROPAGATORS: 'tracecontext, tracecontext' }, (s) => s.propagators, ['tracecontext']],
    [{ OTEL_PROPAGATORS: 'none' }, (s) => s.propagators, []],
    [{ OTEL_TRACES_EXPORTER: 'console' }, (s) => s.exporter, 'console'],
    [{}, (s) => s.otlp.url.href, 'http://localhost:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1' }, (s) => s.otlp.url.href, 'http://c:1/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c/otlp/' }, (s) => s.otlp.url.href, 'https://c/otlp/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:1/in' }, (s) => s.otlp.url.href, 'http://c:1/in'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:1', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://d:2' },
      (s) => s.otlp.url.href,
      'http://d:2/',
    ],
    [
      { OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=x%20y', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'A=2' },
      (s) => s.otlp.headers,
      { a: '2', b: 'x y' },
    ],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '500' }, (s) => s.otlp.timeoutMs, 500],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '500', OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '700' }, (s) => s.otlp.timeoutMs, 700],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }, (s) => s.otlp.compression, 'gzip'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, (s) => s.otlp.protocol, 'http/protobuf'],
    [
      { OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca', OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: '/key' },
      (s) => [s.otlp.files.ca?.path, s.otlp.files.cert, s.otlp.files.key?.variable],
      ['/ca', undefined, 'OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY'],
    ],
    [
      {},
      (s) => s.batch,
      { maxQueueSize: 2048, maxExportBatchSize: 512, scheduleDelayMs: 5000, exportTimeoutMs: 30_000 },
    ],
    [
      {
        OTEL_BSP_MAX_QUEUE_SIZE: '100',
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
        OTEL_BSP_SCHEDULE_DELAY: '0',
        OTEL_BSP_EXPORT_TIMEOUT: '1',
      },
      (s) => s.batch,
      { maxQueueSize: 100, maxExportBatchSize: 10, scheduleDelayMs: 0, exportTimeoutMs: 1 },
    ],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: '100' }, (s) => s.batch.maxExportBatchSize, 100],
    [
      {},
      (s) => s.limits,
      {
        attributeCountLimit: 128,
        attributeValueLengthLimit: Number.POSITIVE_INFINITY,
        eventCountLimit: 128,
        linkCountLimit: 128,
        attributePerEventCountLimit: 128,
        attributePerLinkCountLimit: 128,
      },
    ],
    [
      {
        OTEL_ATTRIBUTE_COUNT_LIMIT: '1',
        OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '2',
        OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
        OTEL_SPAN_EVENT_COUNT_LIMIT: '4',
        OTEL_SPAN_LINK_COUNT_LIMIT: '5',
        OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '6',
        OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '7',
      },
      (s) => Object.values(s.limits),
      [2, 3, 4, 5, 6, 7],
    ],
  ]
  for (const [env, pick, expected] of rows) {
    it(`${JSON.stringify(env)} → ${JSON.stringify(expected)}`, () => {
      expect(pick(settings(env))).toEqual(expected)
    })
  }
})

describe('malformed variables', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['OTEL_SDK_DISABLED', 'yes'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=1,sécret'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=%zz'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_TRACES_SAMPLER_ARG', 'NaN'],
    ['OTEL_PROPAGATORS', 'b3'],
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'ftp://c/'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'api key=secret'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'x=a%0d%0asecret'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '0'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '3000000000'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'br'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '-1'],
    ['OTEL_BSP_SCHEDULE_DELAY', '1e3'],
    ['OTEL_SPAN_EVENT_COUNT_LIMIT', 'many'],
    ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', '1.5'],
  ]
  for (const [name, value] of rows) {
    it(`${name}=${value}: named once, never shown, and the default is used`, () => {
      const said: string[] = []
      const log = (message: string): void => void said.push(message)
      expect(settings({ [name]: value }, { log })).toEqual(settings({}))
      expect(said).toHaveLength(1)
      expect(said[0]).toMatch(new RegExp(`^tracing: ${name} `))
      expect(said[0]).not.toContain(value)
    })
  }

  it('a malformed variable of traces leaves the general one in force', () => {
    const env = { OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: 'soon', OTEL_EXPORTER_OTLP_TIMEOUT: '700' }
    expect(settings(env).otlp.timeoutMs).toBe(700)
  })
})

describe('options', () => {
  it('win over the environment, one by one', () => {
    const env = {
      OTEL_SERVICE_NAME: 'env',
      OTEL_RESOURCE_ATTRIBUTES: 'a=env,b=env',
      OTEL_TRACES_SAMPLER: 'always_off',
      OTEL_TRACES_SAMPLER_ARG: '0.1',
      OTEL_PROPAGATORS: 'none',
      OTEL_TRACES_EXPORTER: 'console',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://env/',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=env,b=env',
      OTEL_BSP_MAX_QUEUE_SIZE: '7',
      OTEL_SPAN_LINK_COUNT_LIMIT: '7',
    }
    const read = settings(env, {
      serviceName: 'code',
      resourceAttributes: { a: 'code' },
      sampler: 'always_on',
      samplingRatio: 0.5,
      propagators: ['baggage'],
      exporter: 'otlp',
      otlp: { endpoint: 'http://code', headers: { A: 'code' } },
      batch: { maxQueueSize: 9 },
      limits: { linkCountLimit: 9 },
    })
    expect(read.resource).toMatchObject({ 'service.name': 'code', a: 'code', b: 'env' })
    expect([read.sampler, read.ratio, read.propagators, read.exporter]).toEqual(['always_on', 0.5, ['baggage'], 'otlp'])
    expect(read.otlp.url.href).toBe('http://code/v1/traces')
    expect(read.otlp.headers).toEqual({ a: 'code', b: 'env' })
    expect([read.batch.maxQueueSize, read.limits.linkCountLimit]).toEqual([9, 9])
  })

  const wrong: readonly (readonly [string, TracingOptions])[] = [
    ['samplingRatio', { samplingRatio: 2 }],
    ['sampler', { sampler: 'sometimes' as 'always_on' }],
    ['exporter', { exporter: 'zipkin' as 'otlp' }],
    ['propagators', { propagators: ['b3' as 'baggage'] }],
    ['otlp.url', { enabled: true, otlp: { url: '/v1/traces' } }],
    ['otlp.url', { enabled: true, otlp: { url: 'http://us%er:x@c/v1/traces' } }],
    ['otlp.endpoint', { enabled: true, otlp: { endpoint: 'collector:4318' } }],
    ['otlp.headers', { enabled: true, otlp: { headers: { 'a b': 'c' } } }],
    ['enabled', { enabled: 'false' as unknown as boolean }],
    ['serviceName', { serviceName: 7 as unknown as string }],
    ['log', { log: console as unknown as () => void }],
    ['exporter.export', { exporter: {} as NonNullable<TracingOptions['exporter']> }],
    ['keep.errors', { keep: { errors: 'no' as unknown as boolean } }],
    ['otlp.timeoutMs', { otlp: { timeoutMs: 0 } }],
    ['otlp.compression', { otlp: { compression: 'br' as 'gzip' } }],
    ['otlp.protocol', { otlp: { protocol: 'grpc' as 'http/json' } }],
    ['keep.slowerThanMs', { keep: { slowerThanMs: -1 } }],
    ['keep.maxTraces', { keep: { maxTraces: 0 } }],
    ['keep.maxSpansPerTrace', { keep: { maxSpansPerTrace: 1.5 } }],
    ['batch.maxQueueSize', { batch: { maxQueueSize: Number.NaN } }],
    ['batch.exportTimeoutMs', { batch: { exportTimeoutMs: 2 ** 31 } }],
    ['limits.linkCountLimit', { limits: { linkCountLimit: -1 } }],
    ['samplingRules[0].route', { samplingRules: [{ route: '/a/*/b', sample: 'never' }] }],
    [
      'samplingRules[1].sample',
      {
        samplingRules: [
          { route: '/a', sample: 0 },
          { route: '/b', sample: 7 },
        ],
      },
    ],
    ['provider', { provider: {} as NonNullable<TracingOptions['provider']> }],
  ]
  for (const [name, options] of wrong) {
    it(`a wrong ${name} is a TypeError that names it`, async () => {
      const error = await createTracing({ env: {}, ...options }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(TypeError)
      expect(String(error)).toContain(`tracing: ${name}`)
    })
  }
})
