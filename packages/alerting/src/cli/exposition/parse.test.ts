import { createMetrics } from '@honoscope/metrics'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { CliError } from '../cli-error.ts'
import { parseExposition } from './parse.ts'
import { parseSample } from './sample.ts'

describe('an exposition', () => {
  it('of @honoscope/metrics is the same in both formats', async () => {
    const metrics = createMetrics({ runtime: false })
    metrics.counter({ name: 'orders_total', help: 'Orders.', labels: { kind: ['a', 'b'] } }).inc({ kind: 'a' })
    metrics.histogram({ name: 'pay_seconds', help: 'A "payment".', labels: {}, buckets: [0.1, 0.5] }).observe(0.2)
    const app = new Hono().get('/metrics', metrics.handler)
    const read = async (accept: string) =>
      parseExposition(await (await app.request('/metrics', { headers: { accept } })).text()).map(
        ({ name, type, samples }) => `${name} ${type} ${samples.length}`,
      )
    const classic = await read('text/plain')
    expect(classic).toContain('orders_total counter 2')
    expect(classic).toContain('pay_seconds histogram 5')
    expect(await read('application/openmetrics-text')).toEqual(classic)
    metrics.close()
  })

  it('keeps metrics without samples, and what has neither type nor help', () => {
    const text = '# HELP empty_total Nothing yet.\n# TYPE empty_total counter\nbare 1\n'
    expect(parseExposition(text).map(({ name, type, help, samples }) => [name, type, help, samples.length])).toEqual([
      ['empty_total', 'counter', 'Nothing yet.', 0],
      ['bare', 'untyped', '', 1],
    ])
  })

  it.each([['<!doctype html>\n'], ['{"status":"ok"}'], ['a 1\nb{secret="x" 2\n'], ['a{b="1",b="2"} 1\n'], ['\n']])(
    'is refused without showing it: %j',
    (text) => {
      expect(() => parseExposition(text)).toThrow(CliError)
      expect(() => parseExposition(text)).toThrow(
        /no exposition of metrics: (line \d is no sample|it holds no metric)$/,
      )
    },
  )
})

describe('a sample', () => {
  it.each([
    ['a 1', []],
    ['a{} NaN', []],
    ['a{b="x"} +Inf 1700000000000', [['b', 'x']]],
    [
      'a { b = "x" , c="} 2 # {" , } 1e-7',
      [
        ['b', 'x'],
        ['c', '} 2 # {'],
      ],
    ],
    ['a{b="\\"\\\\\\n"} 1 # {trace_id="x"} 0.2 1700000000.123', [['b', '"\\\n']]],
  ])('is read: %s', (line, labels) => {
    expect([...(parseSample(line)?.labels ?? [['none', '']])]).toEqual(labels)
  })

  it.each(['a', 'a one', '{b="x"} 1', 'a{b=x} 1', 'a{b="x} 1', 'a{b="x"}', '1a 2'])('is none: %s', (line) => {
    expect(parseSample(line)).toBeUndefined()
  })
})
