import { once } from 'node:events'
import { connect } from 'node:net'
import { type Served, serve } from '@honoscope/testing'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTraceContextService } from '../../../tests/support/trace-context-service.ts'
import { createTracing } from './index.ts'

// The cases of the conformance suite of w3c/trace-context at level 2 and its strictest, over real connections: the
// service gets the headers as they stand here, byte by byte, and what its own calls carry is looked at.

const traceId = '12345678901234567890123456789012'
const spanId = '1234567890123456'
const parent = `00-${traceId}-${spanId}-01`
const unsampled = `00-${traceId}-${spanId}-00`

type Header = readonly [name: string, value: string]
type Received = Readonly<Record<string, string>>

let service: Served
let callee: Served
let received: Received[] = []

beforeAll(async () => {
  const tracing = await createTracing({ env: {}, exporter: 'console', write: () => undefined })
  service = await serve(createTraceContextService(tracing).fetch)
  const app = new Hono().post('/', (c) => {
    received.push(c.req.header())
    return c.json(null)
  })
  callee = await serve(app.fetch)
})

afterAll(async () => {
  await service.stop()
  await callee.stop()
})

/** Posts to the service with exactly these headers, and returns those of its `count` calls. */
async function callsAfter(headers: readonly Header[], count = 1): Promise<Received[]> {
  received = []
  const body = JSON.stringify(Array.from({ length: count }, () => ({ url: callee.url, arguments: [] })))
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const socket = connect(service.port, '127.0.0.1')
  socket.write(
    `POST /test HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  await once(socket, 'close')
  expect(answer).toMatch(/^HTTP\/1.1 200 /)
  expect(received).toHaveLength(count)
  return received
}

interface Expected {
  /** Whether the trace goes on or a new one begins. */
  readonly trace: 'same' | 'new'
  /** The whole header; absent when `undefined`. */
  readonly state?: string
}

async function check(headers: readonly Header[], { trace, state }: Expected): Promise<void> {
  const [call] = await callsAfter(headers)
  const [version, id, caller, flags] = call?.traceparent?.split('-') ?? []
  expect(call?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
  expect([version, Number(`0x${flags}`) & ~3]).toEqual(['00', 0])
  expect(id).not.toBe('0'.repeat(32))
  expect([spanId, '0'.repeat(16)]).not.toContain(caller)
  expect(id === traceId).toBe(trace === 'same')
  expect(call?.tracestate).toBe(state)
}

const traceparents: readonly (readonly [name: string, trace: 'same' | 'new', ...headers: Header[]])[] = [
  ['nothing', 'new'],
  ['a traceparent alone', 'same', ['traceparent', parent]],
  ['two traceparents', 'new', ['traceparent', parent.replace('9012-', '9011-')], ['traceparent', parent]],
  ['one traceparent twice', 'new', ['traceparent', parent], ['traceparent', parent]],
  ['the name with a hyphen', 'new', ['trace-parent', parent]],
  ['the name with a dot', 'new', ['trace.parent', parent]],
  ['the name in title case', 'same', ['TraceParent', parent]],
  ['the name in mixed case', 'same', ['TrAcEpArEnT', parent]],
  ['the name in capitals', 'same', ['TRACEPARENT', parent]],
  ['version 00 with a dot behind', 'new', ['traceparent', `${parent}.`]],
  ['version 00 with a field behind', 'new', ['traceparent', `${parent}-what-comes-later`]],
  ['a later version', 'same', ['traceparent', parent.replace('00-', 'cc-')]],
  ['a later version with a field behind', 'same', ['traceparent', `${parent.replace('00-', 'cc-')}-and-more`]],
  ['a later version with a dot behind', 'new', ['traceparent', `${parent.replace('00-', 'cc-')}.and-more`]],
  ['version ff', 'new', ['traceparent', parent.replace('00-', 'ff-')]],
  ['a dot in the version', 'new', ['traceparent', parent.replace('00-', '.0-')]],
  ['a dot at the end of the version', 'new', ['traceparent', parent.replace('00-', '0.-')]],
  ['three digits of version', 'new', ['traceparent', `0${parent}`]],
  ['four digits of version', 'new', ['traceparent', `00${parent}`]],
  ['one digit of version', 'new', ['traceparent', parent.slice(1)]],
  ['a trace id of zeros', 'new', ['traceparent', parent.replace(traceId, '0'.repeat(32))]],
  ['a dot in the trace id', 'new', ['traceparent', parent.replace('-1', '-.')]],
  ['a dot at the end of the trace id', 'new', ['traceparent', parent.replace('2-', '.-')]],
  ['capitals in the trace id', 'new', ['traceparent', parent.replace('-12', '-AB')]],
  ['a trace id that is too long', 'new', ['traceparent', parent.replace(traceId, `${traceId}3`)]],
  ['a trace id that is too short', 'new', ['traceparent', parent.replace(traceId, traceId.slice(0, 31))]],
  ['a parent id of zeros', 'new', ['traceparent', parent.replace(`-${spanId}-`, `-${'0'.repeat(16)}-`)]],
  ['a dot in the parent id', 'new', ['traceparent', parent.replace(`-${spanId}-`, '-.234567890123456-')]],
  ['a dot at the end of the parent id', 'new', ['traceparent', parent.replace(`-${spanId}-`, '-123456789012345.-')]],
  ['a parent id that is too long', 'new', ['traceparent', parent.replace(`-${spanId}-`, `-${spanId}7-`)]],
  ['a parent id that is too short', 'new', ['traceparent', parent.replace(`-${spanId}-`, '-123456789012345-')]],
  ['a dot in the flags', 'new', ['traceparent', parent.replace(/01$/, '.0')]],
  ['a dot at the end of the flags', 'new', ['traceparent', parent.replace(/01$/, '0.')]],
  ['three digits of flags', 'new', ['traceparent', parent.replace(/01$/, '001')]],
  ['one digit of flags', 'new', ['traceparent', parent.replace(/01$/, '1')]],
  ['flags that nobody knows', 'same', ['traceparent', parent.replace(/01$/, 'ff')]],
  ['a blank before', 'same', ['traceparent', ` ${parent}`]],
  ['a tab before', 'same', ['traceparent', `\t${parent}`]],
  ['a blank behind', 'same', ['traceparent', `${parent} `]],
  ['a tab behind', 'same', ['traceparent', `${parent}\t`]],
  ['blanks and tabs around', 'same', ['traceparent', `\t ${parent} \t`]],
  ['an empty header', 'new', ['traceparent', '']],
  ['a traceparent of 10 KB', 'new', ['traceparent', `cc${parent.slice(2)}-${'x'.repeat(10_000)}`]],
]

const keyCharacters = 'abcdefghijklmnopqrstuvwxyz0123456789_-*/'
const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).join('')
const valueCharacters = printable.replace(/[,=]/g, '')
const members = (count: number) => Array.from({ length: count }, (_, i) => `bar${i + 10}=${i + 10}`)

const tracestates: readonly (readonly [name: string, state: string | undefined, ...values: string[]])[] = [
  ['two members', 'foo=1,bar=2', 'foo=1,bar=2'],
  ['an empty header', undefined, ''],
  ['an empty header behind', 'foo=1', 'foo=1', ''],
  ['an empty header before', 'foo=1', '', 'foo=1'],
  ['three headers, in their order', 'foo=1,bar=2,rojo=1,congo=2,baz=3', 'foo=1,bar=2', 'rojo=1,congo=2', 'baz=3'],
  ['one member twice', 'foo=1,foo=1', 'foo=1,foo=1'],
  ['one key twice', 'foo=1,foo=2', 'foo=1,foo=2'],
  ['one member in two headers', 'foo=1,foo=1', 'foo=1', 'foo=1'],
  ['one key in two headers', 'foo=1,foo=2', 'foo=1', 'foo=2'],
  ['every legal character', `${keyCharacters}=${valueCharacters}`, `${keyCharacters}=${valueCharacters}`],
  [
    'every legal character of a tenant and system',
    `${keyCharacters}@a-z0-9_-*/=${valueCharacters}`,
    `${keyCharacters}@a-z0-9_-*/=${valueCharacters}`,
  ],
  ['a key that begins with a digit', '1foo=1', '1foo=1'],
  ['blanks and tabs around commas', 'foo=1,bar=2,baz=3', 'foo=1 \t , \t bar=2, \t baz=3'],
  ['tabs around commas', 'foo=1,bar=2,baz=3', 'foo=1\t \t,\t \tbar=2,\t \tbaz=3'],
  ['a blank before', 'foo=1', ' foo=1'],
  ['a tab before', 'foo=1', '\tfoo=1'],
  ['a blank behind', 'foo=1', 'foo=1 '],
  ['a tab behind', 'foo=1', 'foo=1\t'],
  ['blanks and tabs around', 'foo=1', '\t foo=1 \t'],
  ['empty members', 'foo=1,bar=2', 'foo=1,,\t, bar=2,'],
  ['a blank in a key', undefined, 'foo =1'],
  ['a capital in a key', undefined, 'FOO=1'],
  ['a dot in a key', undefined, 'foo.bar=1'],
  ['no system behind the @', undefined, 'foo@=1,bar=2'],
  ['no tenant before the @', undefined, '@foo=1,bar=2'],
  ['two @ on end', undefined, 'foo@@bar=1,bar=2'],
  ['two @', undefined, 'foo@bar@baz=1,bar=2'],
  ['32 members', members(32).join(','), members(32).slice(0, 10).join(','), members(32).slice(10).join(',')],
  ['33 members', undefined, members(33).slice(0, 10).join(','), members(33).slice(10).join(',')],
  ['a key of 256', `foo=1,${'z'.repeat(256)}=1`, 'foo=1', `${'z'.repeat(256)}=1`],
  ['a key of 257', undefined, 'foo=1', `${'z'.repeat(257)}=1`],
  [
    'a tenant of 241 and a system of 14',
    `foo=1,${'t'.repeat(241)}@${'v'.repeat(14)}=1`,
    'foo=1',
    `${'t'.repeat(241)}@${'v'.repeat(14)}=1`,
  ],
  ['a tenant of 242', undefined, 'foo=1', `${'t'.repeat(242)}@v=1`],
  ['a system of 15', undefined, 'foo=1', `t@${'v'.repeat(15)}=1`],
  ['a value of 256', `foo=${'v'.repeat(256)}`, `foo=${'v'.repeat(256)}`],
  ['a value of 257', undefined, `foo=${'v'.repeat(257)}`],
  ['an equals sign in a value', undefined, 'foo=bar=baz'],
  ['an empty value', undefined, 'foo=,bar=3'],
  ['a member without a value', undefined, 'foo,bar=3'],
]

describe('traceparent', () => {
  it.each(traceparents)('%s: the trace is the %s', (...row) => {
    const [, trace, ...headers] = row as [string, 'same' | 'new', ...Header[]]
    return check(headers, { trace })
  })

  it('without one a tracestate belongs to nobody', async () => {
    await check([['tracestate', 'foo=1']], { trace: 'new' })
    await check(
      [
        ['traceparent', 'nonsense'],
        ['tracestate', 'foo=1,bar=2'],
      ],
      { trace: 'new' },
    )
  })
})

describe('tracestate', () => {
  it.each(tracestates)('%s', (_, state, ...values) => {
    const headers = values.map((value): Header => ['tracestate', value as string])
    return check(
      [['traceparent', unsampled], ...headers],
      state === undefined ? { trace: 'same' } : { trace: 'same', state },
    )
  })

  it.each(['TraceState', 'TrAcEsTaTe', 'TRACESTATE'])('is found as %s', (name) =>
    check(
      [
        ['traceparent', unsampled],
        [name, 'foo=1'],
      ],
      { trace: 'same', state: 'foo=1' },
    ),
  )

  it.each(['trace-state', 'trace.state'])('is not taken from %s', (name) =>
    check(
      [
        ['traceparent', unsampled],
        [name, 'foo=1'],
      ],
      { trace: 'same' },
    ),
  )

  it('is carried by a sampled trace too, however long', () => {
    const state = members(32)
      .map((member) => `${member}${'x'.repeat(30)}`)
      .join(',')
    return check(
      [
        ['traceparent', parent],
        ['tracestate', state],
      ],
      { trace: 'same', state },
    )
  })
})

describe('several calls', () => {
  it.each([
    ['a sampled parent', parent],
    ['no parent', undefined],
    ['a parent that is none', parent.replace(traceId, '0'.repeat(32))],
  ])('of one request with %s are one trace and three spans', async (_, header) => {
    const calls = await callsAfter(header === undefined ? [] : [['traceparent', header]], 3)
    const parts = calls.map((call) => call.traceparent?.split('-') ?? [])
    const ids = new Set(parts.map(([, id]) => id))
    expect(ids.size).toBe(1)
    expect(ids.has(traceId)).toBe(header === parent)
    expect(ids.has('0'.repeat(32))).toBe(false)
    expect(new Set(parts.map(([, , span]) => span)).size).toBe(3)
  })
})

describe('flags', () => {
  it.each([
    ['00', '00'],
    ['01', '01'],
    ['02', '02'],
    ['03', '03'],
    ['fc', '00'],
    ['ff', '03'],
  ])(
    '%s becomes %s: the random flag belongs to the trace id, and what is unknown is not passed on',
    async (flags: string, expected: string) => {
      const [call] = await callsAfter([['traceparent', `00-${traceId}-${spanId}-${flags}`]])
      expect(call?.traceparent?.slice(-2)).toBe(expected)
    },
  )

  it('tells that a new trace id is random', async () => {
    const [call] = await callsAfter([])
    expect(call?.traceparent?.slice(-2)).toBe('03')
  })
})

describe('baggage', () => {
  const baggageAfter = async (...values: string[]): Promise<string | undefined> => {
    const [call] = await callsAfter(values.map((value): Header => ['baggage', value]))
    return call?.baggage
  }

  it.each([
    ['a=1', 'a=1'],
    ['a=1,b=2;p;q=3', 'a=1,b=2;p;q=3'],
    [' a = 1 , b=%20x ', 'a = 1,b=%20x'],
    ['a=', 'a='],
    ['a,b=2', 'b=2'],
    ['a b=1,c=2', 'c=2'],
    ['a="1",c=2', 'c=2'],
    ['a=1;=x,c=2', 'c=2'],
    ['', undefined],
    ['nonsense', undefined],
  ])('%s goes on as %s', async (value, expected) => expect(await baggageAfter(value)).toBe(expected))

  it('of two headers is one', async () => expect(await baggageAfter('a=1', 'b=2')).toBe('a=1,b=2'))

  it('has at most 64 members', async () => {
    const all = Array.from({ length: 70 }, (_, i) => `k${i}=v`)
    expect((await baggageAfter(all.join(',')))?.split(',')).toEqual(all.slice(0, 64))
  })

  it('has at most 8,192 bytes, and no member in part', async () => {
    const all = Array.from({ length: 12 }, (_, i) => `k${i}=${'v'.repeat(1000)}`)
    const passed = (await baggageAfter(all.join(','))) ?? ''
    expect(passed.length).toBeLessThanOrEqual(8192)
    expect(passed.split(',')).toEqual(all.slice(0, 8))
  })
})
