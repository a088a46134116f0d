import { describe, expect, it } from 'vitest'
import { expositionFaults, samplesOf } from './index.ts'

const histogram = `# HELP h_seconds H.
# TYPE h_seconds histogram
h_seconds_bucket{a="x",le="1"} 1
h_seconds_bucket{a="x",le="+Inf"} 2
h_seconds_sum{a="x"} 3
h_seconds_count{a="x"} 2
`

describe('expositionFaults', () => {
  it('finds nothing in what is right', () => {
    expect(expositionFaults(histogram)).toEqual([])
    expect(expositionFaults('# TYPE a counter\na_total{x="} # {\\"\\n"} 1 # {trace_id="b"} 1 2.5\n# EOF\n')).toEqual([])
  })

  for (const [what, text] of [
    ['series twice', '# TYPE a gauge\na{x="1",y="2"} 1\na{y="2",x="1"} 1\n'],
    ['family twice', '# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\n'],
    ['sample outside of its family', '# TYPE a gauge\nb 1\n'],
    ['falling bucket', histogram.replace('le="1"} 1', 'le="1"} 3')],
    ['count is not the +Inf bucket', histogram.replace('count{a="x"} 2', 'count{a="x"} 3')],
    ['no +Inf bucket', histogram.replace('h_seconds_bucket{a="x",le="+Inf"} 2\n', '')],
  ] as const) {
    it(`finds: ${what}`, () => {
      expect(expositionFaults(text).join('\n')).toContain(what)
    })
  }

  it('refuses lines that are no samples', () => {
    for (const line of ['a', 'a{b="c} 1', 'a{b="c"}', '1a 1', 'a{b="c",b="d"} 1']) {
      expect(() => samplesOf(line)).toThrow('not a sample')
    }
  })
})
