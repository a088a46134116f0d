/**
 * Alerts and recording rules that are ready for use.
 *
 * @module
 */
import type { Bundle } from './bundle.ts'
import { chat2sql } from './chat2sql.ts'
import { postgres, redis } from './databases.ts'
import { iac } from './iac.ts'
import { kubernetes } from './kubernetes.ts'
import { receiver } from './receiver.ts'
import { telemetry } from './telemetry.ts'
import { tokmesh } from './tokmesh.ts'

export type { Bundle } from './bundle.ts'
export { type ServiceObjectives, type ServiceOptions, service } from './service.ts'
export { type TokMeshOptions, tokmesh } from './tokmesh.ts'
export { chat2sql, iac, kubernetes, postgres, receiver, redis, telemetry }

/** All bundles by name, with the jobs that deploy/ has. */
export const bundles: Readonly<Record<string, Bundle>> = {
  tokmesh: tokmesh(),
  chat2sql,
  iac,
  kubernetes,
  telemetry,
  postgres,
  redis,
  receiver,
}
