import type { RuleCase } from '../case.ts'
import { chat2sqlCases, iacCases } from './apps.ts'
import { postgresCases, redisCases } from './databases.ts'
import { kubernetesCases } from './kubernetes.ts'
import { receiverCases } from './receiver.ts'
import { serviceObjectives } from './service.ts'
import type { SloCase } from './shared.ts'
import { telemetryCases } from './telemetry.ts'
import { tokmeshCases, tokmeshObjectives } from './tokmesh.ts'

/** Cases of each bundle. */
export const cases: Readonly<Record<string, readonly RuleCase[]>> = {
  tokmesh: tokmeshCases,
  chat2sql: chat2sqlCases,
  iac: iacCases,
  kubernetes: kubernetesCases,
  telemetry: telemetryCases,
  postgres: postgresCases,
  redis: redisCases,
  receiver: receiverCases,
}

/** Objectives of the bundles that have some. */
export const objectives: Readonly<Record<string, readonly SloCase[]>> = {
  tokmesh: tokmeshObjectives,
  chat2sql: serviceObjectives('chat2sql', 'Chat2sql', '', '5'),
  iac: serviceObjectives('iac', 'Iac', 'iac_', '0.5'),
}
