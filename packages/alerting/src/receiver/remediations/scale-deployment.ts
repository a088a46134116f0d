import { checkWhole } from '../notifiers/option-check.ts'
import { RefusedError, type Remediation } from '../remediation.ts'
import type { ScaleApi } from './kubernetes-api.ts'
import { asked, RemediationError } from './remediation-error.ts'
import { type RemediationOptions, settingsOf } from './remediation-options.ts'
import { checkName, nameIn } from './target.ts'

/** Options of {@link scaleDeployment}. */
export interface ScaleDeploymentOptions extends RemediationOptions {
  /** `AppsV1Api` of `@kubernetes/client-node` 2, or what has the same methods. */
  readonly api: { readonly apps: ScaleApi }
  /** Deployments that may be scaled; an empty list throws a TypeError, as does a name that is none. */
  readonly allow: readonly AllowedDeployment[]
  /** Replicas more, or fewer when negative. This or `to`, not both: else a TypeError; 0 throws one too. */
  readonly by?: number
  /** Replicas that there are to be. Outside of the bounds of an allowed deployment it throws a TypeError. */
  readonly to?: number
  /** Labels of the alert that name the deployment. Default: `namespace` and `deployment`. */
  readonly labels?: { readonly namespace?: string; readonly deployment?: string }
}

/** A deployment that may be scaled, within bounds. */
export interface AllowedDeployment {
  readonly namespace: string
  readonly deployment: string
  /** Fewest replicas. At least 1: nothing is turned off here. Others throw a TypeError. */
  readonly min: number
  /** Most replicas, up to 10,000. Less than `min` throws a TypeError. */
  readonly max: number
}

/**
 * Returns a remediation that scales the deployment which the alert names, within its bounds. It reads the scale first
 * and writes on the condition that nobody has changed it meanwhile. It refuses a deployment that isn't allowed, that is
 * scaled to 0, or that is at its bound already.
 *
 * Throws a TypeError that names the option which is wrong.
 *
 * @example
 * ```ts
 * import { AppsV1Api, KubeConfig } from '@kubernetes/client-node'
 * import { scaleDeployment } from '@honoscope/alerting/receiver'
 *
 * const config = new KubeConfig()
 * config.loadFromCluster()
 * const scale = scaleDeployment({
 *   api: { apps: config.makeApiClient(AppsV1Api) },
 *   when: { alertname: 'HighCPUUsage' },
 *   allow: [{ namespace: 'tokmesh', deployment: 'tokmesh', min: 2, max: 6 }],
 *   by: 1,
 * })
 * ```
 */
export function scaleDeployment(options: ScaleDeploymentOptions): Remediation {
  const { api, allow } = options
  check(options)
  const labels = { namespace: 'namespace', deployment: 'deployment', ...options.labels }
  return {
    ...settingsOf('scaleDeployment', options),
    async run(alert, { dryRun, signal }) {
      const namespace = nameIn(alert, labels.namespace)
      const name = nameIn(alert, labels.deployment)
      const what = `deployment ${namespace}/${name}`
      const allowed = allow.find((it) => it.namespace === namespace && it.deployment === name)
      if (allowed === undefined) throw new RefusedError(`${what} is not allowed`)
      const scale = await asked(what, signal, () => api.apps.readNamespacedDeploymentScale({ name, namespace }))
      // Kubernetes leaves a number out that is 0.
      const present = scale.spec?.replicas ?? 0
      const resourceVersion = scale.metadata?.resourceVersion
      if (resourceVersion === undefined) throw new RemediationError(`${what}: its scale has no version`)
      const replicas = replicasOf(what, present, allowed, options)
      if (replicas === present) return `${what} has ${present} replicas already`
      const metadata = { name, namespace, resourceVersion }
      const body = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata, spec: { replicas } }
      const request = { name, namespace, body, ...(dryRun ? { dryRun: 'All' } : {}) }
      await asked(what, signal, () => api.apps.replaceNamespacedDeploymentScale(request))
      return `${dryRun ? 'would scale' : 'scaled'} ${what} from ${present} to ${replicas} replicas`
    },
  }
}

function replicasOf(
  what: string,
  present: number,
  { min, max }: AllowedDeployment,
  { by, to }: Pick<ScaleDeploymentOptions, 'by' | 'to'>,
): number {
  // Somebody has turned it off, as autoscalers understand it too.
  if (present === 0) throw new RefusedError(`${what} is scaled to 0`)
  if (by === undefined) return to ?? present
  const replicas = Math.min(max, Math.max(min, present + by))
  // Outside of its bounds, what should grow might shrink.
  if (Math.sign(replicas - present) === Math.sign(by)) return replicas
  throw new RefusedError(`${what} has ${present} replicas, and may have ${min} to ${max}`)
}

function check({ allow, by, to }: ScaleDeploymentOptions): void {
  if (allow.length === 0) throw new TypeError('scaleDeployment: allow must have an entry')
  if ((by === undefined) === (to === undefined)) throw new TypeError('scaleDeployment: either by or to must be set')
  if (by === 0) throw new TypeError('scaleDeployment: by must not be 0')
  if (by !== undefined) checkWhole('scaleDeployment: by', by, -10_000, 10_000)
  for (const [index, entry] of allow.entries()) {
    const at = `scaleDeployment: allow[${index}]`
    checkName(`${at}.namespace`, entry.namespace)
    checkName(`${at}.deployment`, entry.deployment)
    const min = checkWhole(`${at}.min`, entry.min, 1, 10_000)
    const max = checkWhole(`${at}.max`, entry.max, min, 10_000)
    if (to !== undefined) checkWhole('scaleDeployment: to', to, min, max)
  }
}
