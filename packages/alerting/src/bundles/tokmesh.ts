import { type Combined, combineCatalogues } from '../catalogue/combine.ts'
import { nodeCatalogue } from '../catalogues/external/node.ts'
import { prometheusCatalogue } from '../catalogues/external/prometheus.ts'
import { suiteCatalogue } from '../catalogues/generated/suite.ts'
import { tokmeshCatalogue } from '../catalogues/generated/tokmesh.ts'
import { defineRules } from '../rules/define-rules.ts'
import type { Bundle } from './bundle.ts'
import { targetAlerts } from './targets.ts'
import { apiAlerts } from './tokmesh-api.ts'
import { clusterAlerts } from './tokmesh-cluster.ts'
import { tokmeshObjectives } from './tokmesh-slo.ts'
import { storageAlerts } from './tokmesh-storage.ts'

/** What TokMesh's rules are written with. */
export type TokMeshCatalogue = Combined<
  [typeof tokmeshCatalogue, typeof suiteCatalogue, typeof nodeCatalogue, typeof prometheusCatalogue]
>

const catalogue: TokMeshCatalogue = combineCatalogues(
  tokmeshCatalogue,
  suiteCatalogue,
  nodeCatalogue,
  prometheusCatalogue,
)

/** What differs from one installation of TokMesh to the next. */
export interface TokMeshOptions {
  /** Job of the scrape configuration. Default: `tokmesh`. */
  readonly job?: string
}

/**
 * Returns the alerts of TokMesh: those of its contract to the letter, its objectives, and what tells that it is gone.
 *
 * @example
 * ```ts
 * import { toPrometheus } from '@honoscope/alerting'
 * import { tokmesh } from '@honoscope/alerting/bundles'
 *
 * const file = toPrometheus(tokmesh({ job: 'sessions' }).rules)
 * ```
 */
export function tokmesh({ job = 'tokmesh' }: TokMeshOptions = {}): Bundle {
  const down = targetAlerts({
    job,
    app: 'tokmesh',
    component: 'tokmesh',
    withoutAny: 'Nobody can log in, and no service that asks TokMesh can tell whether a session is valid.',
  })
  const rules = defineRules(catalogue, (tools) => [
    tools.group('tokmesh-targets', down),
    tools.group('tokmesh-storage', storageAlerts(tools)),
    tools.group('tokmesh-cluster', clusterAlerts(tools)),
    tools.group('tokmesh-api', apiAlerts(tools)),
    ...tokmeshObjectives(tools),
  ])
  return {
    name: 'tokmesh',
    description: 'TokMesh: storage, cluster, revokes, keys, latency and its objectives.',
    catalogue,
    rules,
  }
}
