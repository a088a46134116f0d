/**
 * Prints what one call of the AI functions costs, in nanoseconds: with values that are known, and with invented ones in
 * every label, a million different texts in all. The budget is 100 ns. Beside them a histogram of prom-client with the
 * same labels and buckets; with known values only, since it would keep each invented one for good.
 *
 *     node bench/ai-metrics.mjs
 *     bun bench/ai-metrics.mjs
 */
import * as ai from '@honoscope/ai-metrics-compat'
import { Histogram, Registry } from 'prom-client'
import { compare, median, table } from './measure.mjs'

const capabilities = ['form_generation', 'form_generation_optimized', 'domain_skill_selection', 'nlq']
const stages = ['total', 'ai_call', 'build_prompt', 'get_config', 'get_schema', 'embed', 'batch_total']

/** Calls in one timed slice. */
const batch = 20_000
const slices = 41
const warmUp = 9

let made = 0
/** Texts that nobody has seen, made outside of what is timed, in one piece as they come out of a parser. */
const invent = () => {
  /** @type {string[]} */
  const parsed = JSON.parse(JSON.stringify(Array.from({ length: batch }, () => `invented-${(made++).toString(36)}`)))
  return parsed
}

/** @type {string[]} */
let texts = []
const text = (/** @type {number} */ i) => texts[i] ?? ''

const peer = new Histogram({
  name: 'ai_call_duration_ms',
  help: 'Duration.',
  labelNames: ['capability', 'stage'],
  buckets: [10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000],
  registers: [new Registry()],
})

/** @param {(i: number) => void} call */
const times = (call) => () => {
  for (let i = 0; i < batch; i++) call(i)
}

const subjects = {
  'the loop alone, reading a text': times((i) => {
    if (text(i).length === 0) throw new Error('no text')
  }),
  'recordAICallDuration, known values': times((i) =>
    ai.recordAICallDuration(capabilities[i & 3] ?? '', stages[i % 7] ?? '', i),
  ),
  'recordAICallDuration, invented': times((i) => ai.recordAICallDuration(text(i), text(batch - 1 - i), i)),
  'recordVectorSearchDuration, invented': times((i) => ai.recordVectorSearchDuration(text(i), text(batch - 1 - i), i)),
  'recordCMDBAssessment, invented': times((i) => ai.recordCMDBAssessment(i % 2 === 0, i, text(i), i)),
  'incCMDBQueryCount, invented': times((i) => ai.incCMDBQueryCount(text(i), i % 2 === 0, i)),
  'recordAITokens, invented': times((i) => ai.recordAITokens(text(i), text(batch - 1 - i), i)),
  'prom-client: observe(), known values': times((i) =>
    peer.observe({ capability: capabilities[i & 3] ?? '', stage: stages[i % 7] ?? '' }, i),
  ),
  'a call that is dropped': times(() => ai.setActiveParallelTasks(Number.NaN)),
}

/** @type {Record<string, number[]>} */
const found = {}
for (let slice = -warmUp; slice < slices; slice++) {
  texts = invent()
  for (const [name, [cost]] of Object.entries(await compare(subjects, { calls: 1, slices: 1, warmUp: 0 }))) {
    if (slice >= 0 && cost !== undefined) found[name] = [...(found[name] ?? []), cost.cpu / batch]
  }
}
const rows = Object.entries(found).map(([name, costs]) => [
  name,
  median(costs).toFixed(1),
  Math.min(...costs).toFixed(1),
])
table('One call of the AI functions, ns of CPU', ['what', 'median of the slices', 'fastest slice'], rows)
