/**
 * A Hono route that receives Alertmanager's webhook and sees to it that each alert is told, once for each state.
 *
 * @module
 */
export type { Alert, AlertStatus, Change, Delivery, Incident } from './alert.ts'
export {
  type Attempt,
  type Message,
  type MessageAlert,
  type Notifier,
  PermanentError,
  RetryAfterError,
} from './notifier.ts'
export { RefusedError, type Remediation, type RemediationRun } from './remediation.ts'
export type {
  AlertStore,
  Backlog,
  DeadLetter,
  Notification,
  Plan,
  Received,
  RemediationRecord,
  RemediationResult,
  RemediationTask,
  Settlement,
} from './store/store.ts'
