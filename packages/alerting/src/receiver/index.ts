/**
 * A Hono route that receives Alertmanager's webhook and sees to it that each alert is told, once for each state.
 *
 * @module
 */
export type { Alert, AlertStatus, Change, Delivery, Incident } from './alert.ts'
export { type AlertWebhook, alertWebhook } from './alert-webhook.ts'
export type { FaultHook, ReceiverFault } from './guard.ts'
export type { Judge, Judgement } from './judge.ts'
export {
  type Attempt,
  type Message,
  type MessageAlert,
  type Notifier,
  PermanentError,
  RetryAfterError,
} from './notifier.ts'
export { DeliveryError } from './notifiers/delivery-error.ts'
export { type EmailNotifier, type EmailOptions, email } from './notifiers/email.ts'
export type { Mail, MailTransport, SmtpOptions } from './notifiers/email-transport.ts'
export { type GithubIssuesOptions, githubIssues } from './notifiers/github-issues.ts'
export type { Fetch, HttpOptions } from './notifiers/http-sender.ts'
export { type PagerDutyOptions, pagerDuty } from './notifiers/pager-duty.ts'
export type { PagerDutySeverity } from './notifiers/pager-duty-event.ts'
export { type SlackOptions, slack } from './notifiers/slack.ts'
export { type TicketOptions, ticket } from './notifiers/ticket.ts'
export type { Ticket, TicketComment, TicketDraft, TicketSystem } from './notifiers/ticket-system.ts'
export { type WebhookBody, type WebhookOptions, webhook } from './notifiers/webhook.ts'
export type { AlertWebhookOptions, DeliveryLimits, RemediatingOptions, SendingOptions } from './options.ts'
export { RefusedError, type Remediation, type RemediationRun } from './remediation.ts'
export type { OwnerApi, PodApi, ScaleApi } from './remediations/kubernetes-api.ts'
export { RemediationError } from './remediations/remediation-error.ts'
export type { RemediationOptions } from './remediations/remediation-options.ts'
export { type AllowedPod, type RestartPodOptions, restartPod } from './remediations/restart-pod.ts'
export { type PoolRestart, type RestartPoolOptions, restartPool } from './remediations/restart-pool.ts'
export {
  type AllowedDeployment,
  type ScaleDeploymentOptions,
  scaleDeployment,
} from './remediations/scale-deployment.ts'
export type { Route } from './route.ts'
export { type MemoryStoreOptions, memoryStore } from './store/memory.ts'
export { StoreFullError } from './store/memory-notifications.ts'
export type {
  AlertStore,
  Backlog,
  Claimed,
  ClaimedRemediation,
  DeadLetter,
  Notification,
  Plan,
  Received,
  RemediationClaim,
  RemediationRecord,
  RemediationResult,
  RemediationTask,
  RunLimit,
  Settlement,
  Waiting,
} from './store/store.ts'
export type { Time } from './time.ts'
