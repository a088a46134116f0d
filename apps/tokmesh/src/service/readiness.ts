/** What the probes ask of the service. */
import { HealthError } from '@honoscope/health'
import type { Cluster } from '../cluster/cluster.ts'
import type { Database } from '../store/database.ts'

export interface Readiness {
  /** Whether the start has come to its end. */
  readonly isPrepared: () => boolean
  /** It has. */
  readonly setPrepared: () => void
  /** Throws until then. */
  readonly started: () => void
  /** Rejects while the database can't be used. */
  readonly storage: () => Promise<void>
  /** Throws while the node is not in the cluster. */
  readonly membership: () => void
}

/** Returns the checks of a service that has not started; what they look at may come later than they. */
export function createReadiness(
  pingMs: number,
  parts: () => { readonly database: Database; readonly cluster: Cluster },
): Readiness {
  let isPrepared = false
  const started = () => {
    if (!isPrepared) throw new HealthError('initializing')
  }
  return {
    started,
    isPrepared: () => isPrepared,
    setPrepared() {
      isPrepared = true
    },
    async storage() {
      started()
      await parts().database.ping(pingMs)
    },
    membership() {
      started()
      const fault = parts().cluster.fault()
      if (fault !== undefined) throw new HealthError(fault)
    },
  }
}
