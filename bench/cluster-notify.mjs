/**
 * Prints how many changes a second one PostgreSQL tells to 3, 10, 30 and 100 listening connections: `changes` made one
 * to a transaction by ten connections, each through `tokmesh_note_changes`, as a revoke does it; a transaction with 200
 * of them; and, for comparison, one that only adds to the row and tells nobody. The listeners are plain LISTEN clients in one
 * process, which shares the cores with the server and the senders: what a listener costs a server alone is less.
 *
 *     node bench/cluster-notify.mjs --seconds 3
 */
import { startPostgres } from '@honoscope/testing/postgres'
import postgres from 'postgres'
import { median, option, progress, table } from './measure.mjs'
import { startTokMesh } from './tokmesh-process.mjs'

const seconds = option('seconds', 3)
const senders = 10

/** One change, 200 in one transaction, and one that is only numbered. */
const statements = {
  'one change a transaction': `select tokmesh_note_changes('r', array['tmss-01m80rc6pxn2z10vgzn48gn5j3'])`,
  '200 changes a transaction': `select tokmesh_note_changes('r', array_agg('tmss-' || lpad(i::text, 26, '0')))
    from generate_series(1, 200) i`,
  'numbered, told nobody': 'update changes set seq = seq + 1',
}

/**
 * Sends for some seconds, and waits until every listener has had all.
 *
 * @param {string} url
 * @param {number} listeners
 * @param {string} statement
 */
async function measure(url, listeners, statement) {
  let received = 0
  /** @type {number[]} */
  const delays = []
  const clients = Array.from({ length: listeners }, () =>
    postgres(url, { max: 1, fetch_types: false, onnotice: () => {} }),
  )
  const hear = (/** @type {string} */ message) => {
    received++
    // The third word is when it was written, by the clock that this machine has in common with the server.
    if (received % 97 === 0) delays.push(Date.now() - Number(message.split(' ', 3)[2]))
  }
  await Promise.all(clients.map((client) => client.listen('tokmesh_changes', hear)))
  const sql = postgres(url, { max: senders, fetch_types: false, onnotice: () => {} })
  await Promise.all(Array.from({ length: senders }, () => sql.unsafe('select 1')))
  let sent = 0
  const started = performance.now()
  const send = async () => {
    while (performance.now() - started < seconds * 1000) {
      await sql.unsafe(statement, [], { prepare: true })
      sent++
    }
  }
  await Promise.all(Array.from({ length: senders }, send))
  const sentMs = performance.now() - started
  const isTold = statement.includes('tokmesh_note_changes')
  while (isTold && received < sent * listeners && performance.now() - started < seconds * 1000 + 20_000)
    await new Promise((resolve) => setTimeout(resolve, 5))
  const allMs = performance.now() - started
  const [usage] = await sql`select pg_notification_queue_usage() as used`
  await Promise.all([...clients, sql].map((client) => client.end()))
  delays.sort((one, other) => one - other)
  return { perSecond: (sent * 1000) / sentMs, deliveredPerSecond: (received * 1000) / allMs, delays, used: usage?.used }
}

const server = await startPostgres({ settings: { max_connections: '300' } })
const rows = []
try {
  // It makes the tables and the function.
  const node = await startTokMesh({ DATABASE_URL: server.url, TOKMESH_STORAGE_DATA_DIR: 'memory://' })
  await node.stop()
  for (const [what, statement] of Object.entries(statements)) {
    for (const listeners of what.startsWith('one') ? [0, 3, 10, 30, 100] : [3]) {
      progress(`notify: ${what}, ${listeners} listeners, ${seconds} s …`)
      const { perSecond, deliveredPerSecond, delays, used } = await measure(server.url, listeners, statement)
      const isHeard = delays.length > 0
      rows.push([
        what,
        listeners,
        perSecond.toFixed(0),
        isHeard ? deliveredPerSecond.toFixed(0) : '',
        isHeard ? median(delays) : '',
        isHeard ? (delays[Math.floor(delays.length * 0.99)] ?? '') : '',
        (Number(used) * 100).toFixed(2),
      ])
    }
  }
} finally {
  await server.stop()
}
const head = [
  'what',
  'listeners',
  'transactions/s',
  'messages delivered/s',
  'P50 delay, ms',
  'P99 delay, ms',
  'queue, %',
]
table(`Notifications of one PostgreSQL, ${senders} senders, fsync on`, head, rows)
process.exit()
