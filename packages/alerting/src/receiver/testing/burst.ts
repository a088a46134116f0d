import { setTimeout as pause } from 'node:timers/promises'
import { until } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import type { AlertStatus } from '../alert.ts'
import { payload, post, type WireAlert, wireAlert } from './payload.ts'
import { type ReceiverProcess, startReceiver } from './receiver-process.ts'
import { startPager } from './test-pager.ts'

const alertsPerDelivery = 100
const replicas = 3
const senders = 8

/** What is to be tried. */
export interface BurstOptions {
  readonly alerts: number
  /** For how long the pager is down from the start, in milliseconds. */
  readonly downMs: number
}

/** What became of it. */
export interface BurstReport {
  /** States that were not told: `<fingerprint> <status>`. */
  readonly lost: readonly string[]
  /** States that were told in two messages. */
  readonly twice: readonly string[]
  /** Messages that came a second time, with the same id: whether a kill lay between the two. */
  readonly repeated: readonly { readonly acrossKill: boolean }[]
  readonly messages: number
  readonly refusedWhileDown: number
  /** Of the ends of all, which nothing disturbs: the rate at which deliveries of 100 alerts were taken. */
  readonly deliveriesPerSecond: number
}

/**
 * A burst of alerts from three replicas at once; the pager is down at first; the receiver is killed while it takes
 * deliveries, and killed while it sends; then the same deliveries once more, and the ends of all.
 */
export async function burst({ alerts, downMs }: BurstOptions): Promise<BurstReport> {
  const [database, pager] = await Promise.all([testDatabase(), startPager(20)])
  let receiver = await startReceiver(database.url, pager.url)
  const kills: Kill[] = []
  const restart = async (): Promise<void> => {
    const before = performance.now()
    await receiver.kill()
    kills.push({ before, after: performance.now() })
    receiver = await startReceiver(database.url, pager.url)
  }
  const names = Array.from({ length: alerts }, (_, index) => `f${index}`)
  const send = (status: AlertStatus, onAnswer: () => void = () => {}) =>
    deliverAll(names, status, () => receiver, onAnswer)
  pager.down = true
  const isUp = pause(downMs).then(() => {
    pager.down = false
  })
  try {
    let answered = 0
    const half = (alerts / alertsPerDelivery) * replicas * 0.5
    const firing = send('firing', () => answered++)
    await until(() => answered >= half, 300_000)
    await restart()
    await firing
    await isUp
    const again = send('firing')
    await until(() => pager.receipts.size > 10, 60_000)
    await restart()
    await again
    const startedAt = performance.now()
    const deliveries = await send('resolved')
    const deliveriesPerSecond = Math.round((deliveries * 1000) / (performance.now() - startedAt))
    await until(() => pager.told().size >= names.length * 2, 300_000)
    // What would come twice has a moment to come.
    await pause(2_000)
    return { ...report(names, pager, kills), refusedWhileDown: pager.refused, deliveriesPerSecond }
  } finally {
    await receiver.kill()
    await pager.stop()
    await database.drop()
  }
}

/** When a process was killed: between these. */
interface Kill {
  readonly before: number
  readonly after: number
}

type Pager = Awaited<ReturnType<typeof startPager>>

function report(names: readonly string[], pager: Pager, kills: readonly Kill[]) {
  const told = pager.told()
  const states = names.flatMap((name) => [`${name} firing`, `${name} resolved`])
  const repeated = [...pager.receipts.values()].flatMap(({ at }) =>
    at.slice(1).map((later, index) => {
      const earlier = at[index] ?? 0
      return { acrossKill: kills.some(({ before, after }) => earlier < after && before < later) }
    }),
  )
  return {
    lost: states.filter((state) => !told.has(state)),
    twice: [...told].filter(([, count]) => count > 1).map(([state]) => state),
    repeated,
    messages: pager.receipts.size,
  }
}

/** Delivers them from each replica, in an order of its own, as Alertmanager does: again until it is taken. */
async function deliverAll(
  names: readonly string[],
  status: AlertStatus,
  receiver: () => ReceiverProcess,
  onAnswer: () => void,
): Promise<number> {
  const queue: WireAlert[][] = []
  for (let at = 0; at < names.length; at += alertsPerDelivery) {
    const some = names.slice(at, at + alertsPerDelivery).map((name) => wireAlert(name, status))
    for (let replica = 0; replica < replicas; replica++) queue.push(replica === 1 ? some.toReversed() : some)
  }
  const total = queue.length
  const work = async (): Promise<void> => {
    for (let alerts = queue.shift(); alerts !== undefined; alerts = queue.shift()) {
      while (!(await taken(receiver().url, alerts))) await pause(50)
      onAnswer()
    }
  }
  await Promise.all(Array.from({ length: senders }, work))
  return total
}

async function taken(url: string, alerts: readonly WireAlert[]): Promise<boolean> {
  try {
    const answer = await fetch(url, post(payload(alerts)))
    await answer.arrayBuffer()
    if (answer.status >= 400 && answer.status < 500) throw new TypeError(`not retried: ${answer.status}`)
    return answer.ok
  } catch (error) {
    if (error instanceof TypeError && error.message.startsWith('not retried')) throw error
    // The receiver is being started.
    return false
  }
}
