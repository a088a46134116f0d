import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { hurry, hurryDuration, hurryExpression } from './support/operate/hurry.ts'

describe('time that passes faster', () => {
  it('divides durations, and takes nothing else for one', () => {
    expect(hurryDuration('5m', 15)).toBe('20000ms')
    expect(hurryDuration('1h30m', 15)).toBe('360000ms')
    expect(hurryDuration('30s', 15)).toBe('2000ms')
    expect(() => hurryDuration('soon', 15)).toThrow('no duration: soon')
  })

  it('divides ranges, subqueries and offsets of an expression, and leaves thresholds, names and matchers', () => {
    const expression = 'sum(rate(a:rate5m{path!~"[0-9]|/x"}[5m])) / max_over_time(b[1h:5m] offset 10m) > 0.05'
    expect(hurryExpression(expression, 15)).toBe(
      'sum(rate(a:rate5m{path!~"[0-9]|/x"}[20000ms])) / max_over_time(b[240000ms:20000ms] offset 40000ms) > 0.05',
    )
  })

  it('leaves all else of a document as it is', () => {
    const rule = {
      ...{ alert: 'A', expr: 'a[5m] > 5', for: '1m' },
      annotations: { description: 'over 5m, a[5m]' },
    }
    expect(parse(hurry(JSON.stringify({ groups: [{ name: '5m', interval: '15s', rules: [rule] }] }), 15))).toEqual({
      groups: [{ name: '5m', interval: '1000ms', rules: [{ ...rule, expr: 'a[20000ms] > 5', for: '4000ms' }] }],
    })
    expect(() => hurry('for: soon', 15)).toThrow('no duration: soon')
  })
})
