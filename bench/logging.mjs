/**
 * Prints what one log line costs, beside plain pino in the same process: made, masked and handed to a destination that
 * takes its bytes and drops them. The budget for finding that a typical line holds no secret is 2 µs.
 *
 *     node bench/logging.mjs
 *     bun bench/logging.mjs
 */
import { createLogger } from '@honoscope/logging'
import { pino } from 'pino'
import { compare, median, table } from './measure.mjs'

let bytes = 0
const destination = (/** @type {string} */ line) => {
  bytes += Buffer.byteLength(line)
}

const masking = createLogger({ name: 'shop.http', destination })
const bare = createLogger({ name: 'shop.http', destination, redact: false })
const plain = pino(
  {
    base: null,
    name: 'shop.http',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
  },
  { write: destination },
)

/** A typical line: 330 characters, with ids and numbers and no secret. */
const fields = (/** @type {number} */ i) => ({
  request_id: `01JDA3BCDEFGHJKMNPQRSTVW${i % 89}`,
  session_id: 'tmss-01JDA3BCDEFGHJKMNPQRSTVWX',
  method: 'POST',
  route: '/sessions/{session_id}',
  status: 201,
  result: 'OK',
  duration_ms: 3.217,
  trace_id: '0af7651916cd43dd8448eb211c80319c',
  span_id: 'b7ad6b7169203331',
})

/** Lines in one timed call. */
const batch = 500

/** @param {(i: number) => void} write */
const times = (write) => () => {
  for (let i = 0; i < batch; i++) write(i)
}

const found = await compare(
  {
    pino: times((i) => plain.info(fields(i), 'session created')),
    bare: times((i) => bare.info('session created', fields(i))),
    masking: times((i) => masking.info('session created', fields(i))),
    secret: times((i) => masking.info('session created for tmtk_abc', fields(i))),
  },
  { calls: 1, slices: 61, warmUp: 15 },
)
const us = (/** @type {string} */ name) => median((found[name] ?? []).map(({ cpu }) => cpu / batch / 1000))
/** Of each slice on its own, as its neighbour ran right before it. */
const extra = median(
  (found.masking ?? []).map(({ cpu }, i) => (cpu - (found.bare?.[i]?.cpu ?? Number.NaN)) / batch / 1000),
)

table(
  'One log line, µs of CPU',
  ['what', 'µs'],
  [
    ['plain pino, ISO time, nothing masked', us('pino').toFixed(2)],
    ['honoscope, `redact: false`', us('bare').toFixed(2)],
    ['honoscope', us('masking').toFixed(2)],
    ['of that, looking for secrets (budget 2)', extra.toFixed(2)],
    ['honoscope, a line with a token', us('secret').toFixed(2)],
  ],
)
if (bytes === 0) throw new Error('Nothing was written.')
