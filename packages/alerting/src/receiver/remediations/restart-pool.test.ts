import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { RefusedError } from '../remediation.ts'
import { alertOf } from '../testing/messages.ts'
import { restartPool } from './restart-pool.ts'

const when = { alertname: 'DatabaseConnectionPoolExhaustion' }
const alert = alertOf({ labels: { ...when, pool: 'main' } })
const run = (dryRun = false, signal: AbortSignal = AbortSignal.timeout(5000)) => ({ dryRun, signal })

it('restarts the pool that the alert names, and says what was done', async () => {
  let restarts = 0
  const restart = restartPool({ when, pools: { main: async () => `connections: ${++restarts}`, other: async () => 7 } })
  expect(await restart.run(alert, run())).toBe('pool main: connections: 1')
  expect(await restart.run(alertOf({ labels: { pool: 'other' } }), run())).toBe('restarted pool other')
  expect(await restart.run(alert, run(true))).toBe('would restart pool main')
  expect(restarts).toBe(1)
})

it('restarts the pool that is set, whatever the alert says', async () => {
  const restart = restartPool({ when, pools: { main: async () => 'done' }, pool: 'main' })
  expect(await restart.run(alertOf({ labels: { pool: 'other' } }), run())).toBe('pool main: done')
})

it.each([[{ pool: 'other' }], [{ pool: 'constructor' }], [{ pool: '__proto__' }], [{}]])(
  'refuses %j',
  async (labels) => {
    const restart = restartPool({ when, pools: { main: async () => 'done' } })
    await expect(restart.run(alertOf({ labels }), run())).rejects.toBeInstanceOf(RefusedError)
  },
)

it('restarts a pool once at a time, and be the first beyond its deadline', async () => {
  let end = (): void => {}
  const hangs = new Promise<void>((resolve) => {
    end = resolve
  })
  const restart = restartPool({ when, pools: { main: () => hangs, other: async () => 'done' } })
  const controller = new AbortController()
  const first = restart.run(alert, run(false, controller.signal))
  await expect(restart.run(alert, run())).rejects.toThrow('pool main is being restarted already')
  controller.abort()
  await expect(first).rejects.toThrow('pool main: gave up waiting')
  await expect(restart.run(alert, run())).rejects.toBeInstanceOf(RefusedError)
  expect(await restart.run(alertOf({ labels: { pool: 'other' } }), run())).toBe('pool other: done')
  end()
  await hangs
  await new Promise((resolve) => setTimeout(resolve, 0))
  expect(await restart.run(alert, run())).toBe('restarted pool main')
})

it('says that it failed, without the words of a driver', async () => {
  const pools = {
    main: (): Promise<string> => {
      throw new Error('no connection to postgres://user:Tsecret@localhost')
    },
  }
  const restart = restartPool({ when, pools })
  for (let i = 0; i < 2; i++) {
    const error: unknown = await restart.run(alert, run()).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'HONOSCOPE_REMEDIATION_FAILED', message: 'pool main: its restart failed' })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('Tsecret')
  }
})

const main = async (): Promise<string> => 'done'
it.each([
  [{ pools: {} }, 'restartPool: pools'],
  [{ pools: { main }, pool: 'other' }, 'restartPool: pool must'],
  [{ pools: { main }, label: '' }, 'restartPool: label'],
])('throws at once for %j', (options, named) => {
  expect(() => restartPool({ when, ...options })).toThrow(TypeError)
  expect(() => restartPool({ when, ...options })).toThrow(named)
})
