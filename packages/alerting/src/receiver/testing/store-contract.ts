import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import type { Alert, AlertStatus, Change } from '../alert.ts'
import { judgeWith } from '../judge.ts'
import { planWith } from '../plan.ts'
import type { AlertStore, Plan, Received, RemediationTask } from '../store/store.ts'
import { deliveryContract } from './store-contract-deliveries.ts'
import { messageContract } from './store-contract-messages.ts'
import { remediationContract } from './store-contract-remediations.ts'

/** A store under test. */
export interface OpenedStore {
  readonly store: AlertStore
  /** The same data, as another process would see it. */
  readonly other: AlertStore
  /** Removes all that is in it. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** What the parts of the contract are given: the store of the test that runs. */
export interface StoreUnderTest {
  readonly store: AlertStore
  readonly other: AlertStore
}

/** Describes what every store promises. */
export function describeStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} as a store of alerts`, () => {
    let opened: OpenedStore
    beforeAll(async () => {
      opened = await open()
    })
    beforeEach(() => opened.clear())
    afterAll(() => opened.close())
    const under: StoreUnderTest = {
      get store() {
        return opened.store
      },
      get other() {
        return opened.other
      },
    }
    deliveryContract(under)
    messageContract(under)
    remediationContract(under)
  })
}

/** The start of the alerts, and of the clock that the tests pass along. */
export const start: number = Date.UTC(2026, 0, 1)

/** Returns an alert that began at `start` and, if it is resolved, ended a minute later. */
export function alertOf(fingerprint: string, status: AlertStatus = 'firing', startsAt: number = start): Alert {
  return {
    ...{ status, fingerprint, startsAt, endsAt: status === 'firing' ? undefined : startsAt + 60_000 },
    ...{ labels: { alertname: 'DiskFull' }, annotations: {}, generatorUrl: '' },
  }
}

let made = 0
const newId = (): string => `id-${++made}`

/** What a delivery of the tests is for. */
export interface TakeOptions {
  readonly notifiers?: readonly string[]
  /** Names. */
  readonly remediations?: readonly string[]
  readonly nowMs?: number
  readonly alertsPerMessage?: number
}

/** Has the store take alerts, as the receiver would. */
export function take(store: AlertStore, alerts: readonly Alert[], options: TakeOptions = {}): Promise<Received> {
  const { nowMs = start } = options
  return store.receive(
    alerts,
    judgeWith({ nowMs, lateMs: 60_000, newId }),
    (changes) => planOf(changes, options),
    nowMs,
  )
}

function planOf(changes: readonly Change[], options: TakeOptions): Plan {
  const { notifiers = ['pager'], remediations = [], alertsPerMessage = 100 } = options
  const when = { alertname: 'DiskFull' }
  const known = Object.fromEntries(remediations.map((name) => [name, { when, run: async () => '' }]))
  const delivery = { groupKey: 'g', groupLabels: {}, receiver: '', externalUrl: '', truncatedAlerts: 0, alerts: [] }
  return planWith({ route: () => notifiers, remediations: known, alertsPerMessage, newId })(
    changes,
    delivery,
    undefined,
  )
}

/** A task's name, for comparisons. */
export const nameOf = (task: RemediationTask | undefined): string | undefined => task?.remediation
