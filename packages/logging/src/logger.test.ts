import { type Catalogue, type Exchange, runInScope } from '@honoscope/core'
import { describe, expect, it } from 'vitest'
import { createLogger, type LoggerOptions, logLevels } from './index.ts'

function logInto(options: LoggerOptions = {}) {
  const lines: string[] = []
  const logger = createLogger({ name: 'shop', now: () => 0, destination: (line) => lines.push(line), ...options })
  return { logger, lines, parsed: () => lines.map((line) => JSON.parse(line)) }
}

/** A catalogue that takes counters and shows their values. */
function recordingCatalogue() {
  const values: Record<string, number> = {}
  const collects: (() => void)[] = []
  const refuse = (): never => {
    throw new Error('logging makes counters and nothing else')
  }
  const catalogue: Catalogue = {
    gauge: refuse,
    histogram: refuse,
    counter(options) {
      const seriesOf = (labels: object) => {
        const key = [options.name, ...Object.values(labels)].join(' ')
        return {
          inc: (value = 1) => Object.assign(values, { [key]: (values[key] ?? 0) + value }),
          set: (total: number) => Object.assign(values, { [key]: total }),
        }
      }
      const counter = { ...seriesOf({}), series: (...args: readonly unknown[]) => seriesOf((args[0] as object) ?? {}) }
      collects.push(() => options.collect?.(counter as Parameters<NonNullable<typeof options.collect>>[0]))
      return counter as Parameters<NonNullable<typeof options.collect>>[0]
    },
  }
  const scrape = () => {
    for (const collect of collects) collect()
    return values
  }
  return { catalogue, scrape }
}

const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: false }
const inSpan = (work: () => void) => runInScope({ exchange: undefined, span }, work)

describe('a line', () => {
  it('is one JSON object with time, level, logger, message and fields, in this order', () => {
    const { logger, lines } = logInto({ base: { service: 's' }, fields: () => ({ request_id: 'r' }) })
    logger.child({ a: 1 }).named('shop.orders').info('placed', { b: 'x', absent: undefined })
    expect(lines).toEqual([
      '{"timestamp":"1970-01-01T00:00:00.000Z","level":"INFO","logger":"shop.orders","message":"placed",' +
        '"service":"s","a":1,"request_id":"r","b":"x"}\n',
    ])
  })

  it('has the ids of the span around it, sampled or not, and none without', () => {
    const { logger, lines, parsed } = logInto()
    inSpan(() => logger.info('in'))
    logger.info('out')
    expect(parsed()[0]).toMatchObject({ trace_id: span.traceId, span_id: span.spanId })
    expect(lines[0]).not.toContain('trace_flags')
    expect(lines[1]).not.toContain('trace_id')
  })

  it('has trace flags when asked', () => {
    const { logger, parsed } = logInto({ traceFlags: true })
    inSpan(() => logger.info('in'))
    runInScope({ exchange: {} as Exchange, span: { ...span, sampled: true } }, () => logger.info('in'))
    expect(parsed().map((line) => line.trace_flags)).toEqual(['00', '01'])
  })

  it('keeps a field with a name of its own beside it, and has no name twice', () => {
    const { logger, lines } = logInto({ base: { a: 1 } })
    logger.info('m', { level: 'x', message: 'y', a: 2 })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'INFO', message: 'm', 'fields.level': 'x', a: 2 })
    expect(lines[0]?.match(/"a":/g)).toHaveLength(1)
  })

  it('takes an object with method, headers and socket for what it is', () => {
    const { logger, parsed } = logInto()
    logger.info('m', { method: 'GET', headers: {}, socket: {} })
    expect(parsed()[0]).toMatchObject({ method: 'GET', headers: {}, socket: {} })
  })
})

const cycle: Record<string, unknown> = { ok: 1 }
cycle.self = cycle
function nested(depth: number): unknown {
  let value: unknown = []
  for (let i = 0; i < depth; i++) value = [value]
  return value
}
const broken = () => {
  throw new Error('no')
}

describe('a field that JSON can not hold costs that field, not the line nor the caller', () => {
  it.each<[string, unknown]>([
    ['a cycle', cycle],
    ['a BigInt', 10n],
    ['a nested BigInt', { a: [10n] }],
    ['a toJSON that throws', { toJSON: broken }],
    ['a nested getter that throws', Object.defineProperty({}, 'x', { get: broken, enumerable: true })],
    ['a proxy that throws', new Proxy({}, { get: broken, ownKeys: broken })],
    ['an error with a message that throws', Object.defineProperty(new Error('x'), 'message', { get: broken })],
    ['a wrong date', new Date(Number.NaN)],
    ['a symbol', Symbol('x')],
    ['a function', broken],
    ['deep nesting', nested(3000)],
    ['deeper nesting', nested(20_000)],
    ['the deepest nesting', nested(100_000)],
  ])('%s', (_, value) => {
    const { logger, parsed } = logInto()
    logger.info('m', { before: 1, value, after: 'tmtk_x' })
    logger.info('m', { before: 1, value, after: 2 })
    const told = parsed().map(({ message, before, after }) => [message, before, after])
    expect(told).toEqual([
      ['m', 1, 'tmtk_***REDACTED***'],
      ['m', 1, 2],
    ])
  })

  it('fields whose getters or keys throw, and hooks that throw', () => {
    const { logger, parsed } = logInto({ fields: broken })
    logger.info('m', Object.defineProperty({ a: 1 }, 'x', { get: broken, enumerable: true }))
    logger.info('m', new Proxy({}, { ownKeys: broken }))
    // @ts-expect-error callers in JavaScript may give anything
    logger.child(null).info(Symbol('s'), 7)
    expect(parsed()).toMatchObject([
      { message: 'm', a: 1, x: '[unreadable]' },
      { message: 'm' },
      { message: 'Symbol(s)' },
    ])
  })

  it('a destination that throws', () => {
    const { logger } = logInto({ destination: { write: broken, flush: broken, close: broken } })
    expect(() => {
      logger.info('m')
      logger.flush()
      logger.close()
    }).not.toThrow()
  })

  it.each([broken, () => Number.NaN])('a clock that fails', (now) => {
    const { logger, parsed } = logInto({ now })
    logger.info('m')
    expect(parsed()[0]).toMatchObject({ message: 'm', timestamp: expect.stringMatching(/^\d{4}-.*Z$/) })
  })
})

describe('the level', () => {
  it.each(logLevels.map((level, i) => [level, i] as const))('%s leaves out what is below it', (level, rank) => {
    const { logger, parsed } = logInto({ level })
    for (const each of logLevels) logger[each]('m')
    expect(parsed().map((line) => line.level)).toEqual(logLevels.slice(rank).map((each) => each.toUpperCase()))
    expect(logLevels.filter((each) => logger.isLevelEnabled(each))).toEqual(logLevels.slice(rank))
  })

  it('changes at run time, for children too', () => {
    const { logger, parsed } = logInto({ level: 'error' })
    const child = logger.child({ a: 1 }).named('shop.x')
    child.info('hidden')
    logger.level = 'debug'
    child.debug('shown')
    child.level = 'error'
    logger.warn('hidden')
    expect(logger.level).toBe('error')
    expect(parsed().map(({ message }) => message)).toEqual(['shown'])
  })

  it('does not keep what must be on record from being written', () => {
    const { logger, parsed } = logInto({ level: 'error' })
    logger.always('info', 'started')
    expect(parsed()).toMatchObject([{ level: 'INFO', message: 'started' }])
  })
})

it('cuts the long fields of a line that is too long, and keeps the others', () => {
  const { logger, lines, parsed } = logInto({ maxLineLength: 2000 })
  const secret = `postgres://u:${'p'.repeat(1000)}@h`
  logger.error(`m ${'y'.repeat(300)}`, { long: 'x'.repeat(1800) + secret, list: Array(900).fill(1), status: 500 })
  expect(lines[0]?.length).toBeLessThanOrEqual(2000)
  expect(parsed()[0]).toMatchObject({ status: 500, list: expect.stringContaining('1801 characters') })
  expect(parsed()[0].long).toMatch(/^x+… \(\d+ characters\)$/)
  expect(lines[0]).not.toContain('pp')
})

it('counts lines and losses', () => {
  const { catalogue, scrape } = recordingCatalogue()
  const { logger } = logInto({ metrics: catalogue, level: 'warn', destination: { write() {}, dropped: 3 } })
  logger.info('not written')
  logger.error('written')
  expect(scrape()).toEqual({ 'log_lines_total error': 1, log_lines_dropped_total: 3 })
})

it.each([
  ['level', { level: 'loud' as 'info' }],
  ['name', { name: '' }],
  ['maxLineLength', { maxLineLength: 10 }],
])('refuses a wrong %s, and says which', (option, options) => {
  expect(() => createLogger(options)).toThrow(new RegExp(`^${option}: `))
})
