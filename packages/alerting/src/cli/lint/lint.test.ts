import { describe, expect, it } from 'vitest'
import { parseExposition } from '../exposition/parse.ts'
import { lint } from './lint.ts'
import { kindOfValue } from './value-kind.ts'

const limits = { maxSeries: 5, maxValues: 3 }
const lintText = (text: string) =>
  lint(parseExposition(text), limits).map(({ rule, metric, label, exception }) =>
    [rule, metric, label, exception && 'known'].filter((word) => word !== undefined).join(' '),
  )
const metric = (name: string, type: string, samples = `${name} 1`) =>
  `# HELP ${name} It is.\n# TYPE ${name} ${type}\n${samples}\n`

describe('names', () => {
  it.each([
    [metric('orders_total', 'counter'), []],
    [metric('queue_entries', 'gauge'), []],
    [metric('build_info', 'gauge'), []],
    [metric('orders', 'counter'), ['counter-total orders']],
    [metric('orders_total', 'gauge'), ['reserved-suffix orders_total']],
    [metric('queue_count', 'gauge'), ['reserved-suffix queue_count']],
    [metric('wait_ms', 'gauge'), ['base-unit wait_ms']],
    [metric('heap_mb', 'gauge'), ['base-unit heap_mb']],
    [metric('load_percent', 'gauge'), ['base-unit load_percent']],
    [metric('load_gauge', 'gauge'), ['type-in-name load_gauge']],
    [metric('queueSize', 'gauge'), ['name queueSize']],
    [metric('job:queue:sum', 'gauge'), ['name job:queue:sum']],
    ['# TYPE queue gauge\nqueue 1\n', ['help queue']],
    ['# HELP queue It is.\nqueue 1\n', ['type queue']],
  ])('of %j', (text, found) => {
    expect(lintText(text)).toEqual(found)
  })

  it('of what tells of a build may hold the commit, but no secret', () => {
    const info = (labels: string) =>
      metric('node_exporter_build_info', 'gauge', `node_exporter_build_info{${labels}} 1`)
    expect(lintText(info('revision="f1e0e8360aa60b6cb5e5cc1560bed348fc2c1895"'))).toEqual([])
    expect(lintText(info('by="ada@example.com"'))).toEqual(['label-secret node_exporter_build_info by'])
    const revision = 'queue{revision="f1e0e8360aa60b6cb5e5cc1560bed348fc2c1895"} 1'
    expect(lintText(metric('queue', 'gauge', revision))).toEqual(['label-secret queue revision'])
  })

  it('which a specification fixes are known', () => {
    expect(lintText(metric('tokmesh_sessions_active_total', 'gauge'))).toEqual([
      'reserved-suffix tokmesh_sessions_active_total known',
    ])
    expect(lintText(metric('iac_ai_call_duration_ms', 'gauge'))).toEqual(['base-unit iac_ai_call_duration_ms known'])
    expect(lintText(metric('tokmesh_sessions_active_ms', 'gauge'))).toEqual(['base-unit tokmesh_sessions_active_ms'])
  })
})

describe('labels', () => {
  const queue = (...labels: readonly string[]) =>
    metric('queue', 'gauge', labels.map((pairs) => `queue{${pairs}} 1`).join('\n'))

  it.each([
    [queue('route="/sessions/{session_id}",status="200"'), []],
    [queue('job="x"'), ['label-name queue job']],
    [queue('le="1"'), ['label-name queue le']],
    [queue('userId="x"'), ['label-name queue userId']],
    [queue('__x="x"'), ['label-name queue __x']],
    [queue('user_id="ada"'), ['label-name queue user_id']],
    [queue('x="a"', 'x="b"', 'x="c"', 'x="d"'), ['label-values queue x']],
    [queue('x="a",y="1"', 'x="a",y="2"', 'x="b",y="1"', 'x="b",y="2"', 'x="c",y="1"', 'x="c",y="2"'), ['series queue']],
    [queue('x="a",y="b"', 'y="b",x="a"'), ['duplicate queue']],
    [queue('who="ada@example.com"'), ['label-secret queue who']],
  ])('of %j', (text, found) => {
    expect(lintText(text)).toEqual(found)
  })

  it('lets a histogram have its le, and shows no value', () => {
    const buckets =
      '# HELP a_seconds It.\n# TYPE a_seconds histogram\na_seconds_bucket{le="1"} 1\na_seconds_bucket{le="+Inf"} 1\n'
    expect(lintText(buckets)).toEqual([])
    const found = lint(parseExposition(queue('x="3f2b8c1e-9d4a-4e6f-8a1b-2c3d4e5f6a7b"')), limits)
    expect(found.map(({ message }) => message)).toEqual(['of 1 value, 1 looks like a UUID'])
    expect(JSON.stringify(found)).not.toContain('3f2b8c1e')
  })
})

describe('values', () => {
  it.each([
    ['3f2b8c1e-9d4a-4e6f-8a1b-2c3d4e5f6a7b', 'a UUID'],
    ['/users/3f2b8c1e-9d4a-4e6f-8a1b-2c3d4e5f6a7b/orders', 'a UUID'],
    ['/users/1234567', 'an id'],
    ['tmss-01kb6mb3w8h4x2v9q7r5t1y0nc', 'an id'],
    ['ada@example.com', 'an e-mail address'],
    ['2026-11-22T14:00:00Z', 'a timestamp'],
    ['1795311464429', 'a timestamp'],
    ['4bf92f3577b34da6a3ce929d0e0e4736', 'a hash'],
    ['tmtk_9mvMU9yyA7yD_muhVn4sWJ4eW5ZkWP3yGh-M9ZpO42c', 'a token'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', 'a token'],
    ['9mvMU9yyA7yDmuhVn4sWJ4eW5Z', 'a token'],
  ])('%s looks like %s', (value, kind) => {
    expect(kindOfValue(value)).toBe(kind)
  })

  it.each([
    '200',
    '5xx',
    '/sessions/{session_id}',
    '/users/:id',
    'v20.20.0',
    'other',
    'form_generation_optimized',
    '10+',
    'processor_span_queue_capacity',
    'unmatched',
    '',
    '/api/v1/orders',
    'deadbeef',
    'Mozilla',
    'eu-central-1',
    'getty@tty1.service',
    'user@1000.service',
  ])('%s is fine', (value) => {
    expect(kindOfValue(value)).toBeUndefined()
  })
})
