import { fakeCatalogue, until } from '@honoscope/testing'
import { expect, it } from 'vitest'
import { alertWebhook } from '../alert-webhook.ts'
import { RefusedError, type Remediation } from '../remediation.ts'
import { memoryStore } from '../store/memory.ts'
import { deliver, token, wireAlert } from '../testing/payload.ts'

const when = { alertname: 'DiskFull' }

function start(remediations: Record<string, Remediation>) {
  const [store, metrics] = [memoryStore(), fakeCatalogue()]
  const receiver = alertWebhook({
    ...{ auth: token, notifiers: {}, routes: [{ notifiers: [] }], remediations, store, metrics },
    ...{ sending: { pollMs: 5 }, remediating: { timeoutMs: 50 } },
  })
  const ended = async () => {
    const all = await store.remediations(99)
    return all.every(({ result }) => result !== 'waiting' && result !== 'running') ? all : []
  }
  return { receiver, metrics, store, ended }
}

it('runs a remediation once for an incident, dry unless it is told otherwise, and never at its end', async () => {
  const runs: string[] = []
  const mend =
    (name: string): Remediation['run'] =>
    async (alert, { dryRun }) => {
      runs.push(`${name} ${alert.fingerprint} ${dryRun ? 'dry' : 'real'}`)
      return 'deleted what is old'
    }
  const { receiver, metrics, ended } = start({
    look: { when, run: mend('look') },
    act: { when: { ...when, severity: 'critical' }, dryRun: false, run: mend('act') },
    other: { when: { alertname: 'Other' }, run: mend('other') },
  })
  for (const status of ['firing', 'firing', 'resolved'] as const) await deliver(receiver, [wireAlert('a', status)])
  await until(async () => (await ended()).length === 2)
  await receiver.close()
  expect(runs.toSorted()).toEqual(['act a real', 'look a dry'])
  expect((await ended()).map(({ result, detail }) => `${result}: ${detail}`).toSorted()).toEqual([
    'done: deleted what is old',
    'dry_run: deleted what is old',
  ])
  expect(await metrics.value('alert_remediations_total', 'act/done')).toBe(1)
})

it('limits the runs to one in a quarter of an hour, over all incidents', async () => {
  let runs = 0
  const { receiver, metrics, ended } = start({ act: { when, dryRun: false, run: async () => `run ${++runs}` } })
  await deliver(receiver, [wireAlert('a'), wireAlert('b'), wireAlert('c')])
  await until(async () => (await ended()).length === 3)
  await receiver.close()
  expect(runs).toBe(1)
  expect(await metrics.value('alert_remediations_total', 'act/limited')).toBe(2)
})

it('begins nothing that the store hands out after the end', async () => {
  const store = memoryStore()
  let answer = () => {}
  const asked = new Promise<void>((resolve) => {
    answer = resolve
  })
  let [runs, asks] = [0, 0]
  const receiver = alertWebhook({
    ...{ auth: token, notifiers: {}, routes: [{ notifiers: [] }], sending: { pollMs: 5, drainMs: 20 } },
    remediations: { act: { when, dryRun: false, run: async () => `run ${++runs}` } },
    store: {
      ...store,
      claimRemediation(...args) {
        asks++
        return asked.then(() => store.claimRemediation(...args))
      },
    },
  })
  await until(() => asks === 1)
  await deliver(receiver, [wireAlert('a')])
  await receiver.close()
  answer()
  await until(async () => (await store.remediations(9))[0]?.result === 'failed')
  expect(runs).toBe(0)
})

it('writes down what failed, was refused, threw or hung, with no address in it, and tries nothing again', async () => {
  const asked: string[] = []
  const fail = (name: string, run: () => Promise<string>): Remediation => ({
    when,
    dryRun: false,
    run: () => {
      asked.push(name)
      return run()
    },
  })
  const { receiver, ended } = start({
    failing: fail('failing', () => Promise.reject(new Error('PATCH https://k8s.example.com/secret-path: 403'))),
    refusing: fail('refusing', () => Promise.reject(new RefusedError('not in the list'))),
    throwing: fail('throwing', () => {
      throw new Error('at once')
    }),
    hanging: fail('hanging', () => new Promise(() => {})),
  })
  await deliver(receiver, [wireAlert('a')])
  await until(async () => (await ended()).length === 4)
  await receiver.close()
  expect(asked).toHaveLength(4)
  expect(
    (await ended()).map(({ remediation, result, detail }) => `${remediation} ${result}: ${detail}`).toSorted(),
  ).toEqual([
    'failing failed: Error: PATCH https://k8s.example.com/… 403',
    'hanging failed: TimeoutError: the run took longer than 50 ms',
    'refusing refused: RefusedError: not in the list',
    'throwing failed: Error: at once',
  ])
})
