import type { RuleCase } from '../case.ts'
import { slowUntil } from './service.ts'
import { goneCase, rising, type SloCase, targetCases } from './shared.ts'
import { apiCases } from './tokmesh-api.ts'
import { clusterCases } from './tokmesh-cluster.ts'
import { requests, validate } from './tokmesh-series.ts'
import { storageCases } from './tokmesh-storage.ts'

/** Cases of the bundle `tokmesh`. */
export const tokmeshCases: readonly RuleCase[] = [
  ...targetCases('tokmesh', 'tokmesh', 'tokmesh'),
  goneCase('tokmesh', 'tokmesh'),
  ...storageCases,
  ...clusterCases,
  ...apiCases,
]

/** Its objectives. */
export const tokmeshObjectives: readonly SloCase[] = [
  {
    name: 'TokMeshAvailability',
    component: 'tokmesh',
    budget: 0.001,
    series: (bad, until = 30) => ({
      [requests('/sessions', '201')]: rising(1e6 * (1 - bad), until, 200),
      [requests('/sessions', '503')]: rising(1e6 * bad, until, 200),
      // What a node that is not ready says is told by others.
      [requests('/ready', '503')]: rising(1e6, 200),
      [requests('/tokens/validate')]: `_x${until} ${rising(1e6, 200)}`,
    }),
  },
  {
    name: 'TokMeshLatency',
    component: 'tokmesh',
    budget: 0.01,
    series: (bad, until = 30) => ({
      [validate('0.1')]: slowUntil(1 - bad, until),
      [requests('/tokens/validate')]: slowUntil(1, until),
    }),
  },
]
