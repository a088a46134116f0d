import { checkWhole } from '../notifiers/option-check.ts'
import { RefusedError, type Remediation } from '../remediation.ts'
import type { OwnerApi, Pod, PodApi } from './kubernetes-api.ts'
import { readyOthers } from './pod-owner.ts'
import { asked } from './remediation-error.ts'
import { type RemediationOptions, settingsOf } from './remediation-options.ts'
import { checkName, matches, nameIn } from './target.ts'

/** Options of {@link restartPod}. */
export interface RestartPodOptions extends RemediationOptions {
  /** `CoreV1Api` and `AppsV1Api` of `@kubernetes/client-node` 2, or what has the same methods. */
  readonly api: { readonly core: PodApi; readonly apps: OwnerApi }
  /** Pods that may be restarted; an empty list throws a TypeError, as does a name that is none. */
  readonly allow: readonly AllowedPod[]
  /**
   * Pods of the same owner, without this one, that have to be ready. 0 to 10,000, default: 1, so that the only pod there
   * is isn't restarted. Others throw a TypeError.
   */
  readonly minReady?: number
  /** Labels of the alert that name the pod. Default: `namespace` and `pod`. */
  readonly labels?: { readonly namespace?: string; readonly pod?: string }
}

/** Pods that may be restarted. */
export interface AllowedPod {
  readonly namespace: string
  /** A name, or an expression that has to match all of it. */
  readonly pod: string | RegExp
  /** Labels that the pod itself has to have. Default: none. */
  readonly labels?: Readonly<Record<string, string>>
}

/**
 * Returns a remediation that deletes the pod which the alert names, for its controller to make a new one. It refuses a
 * pod that isn't allowed, has no controller, is on its way out, or whose owner has too few others that are ready; and it
 * deletes the pod that it has looked at, not one of the same name that came after it.
 *
 * Throws a TypeError that names the option which is wrong.
 *
 * @example
 * ```ts
 * import { AppsV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node'
 * import { restartPod } from '@honoscope/alerting/receiver'
 *
 * const config = new KubeConfig()
 * config.loadFromCluster()
 * const restart = restartPod({
 *   api: { core: config.makeApiClient(CoreV1Api), apps: config.makeApiClient(AppsV1Api) },
 *   when: { alertname: 'HighMemoryUsage' },
 *   allow: [{ namespace: 'tokmesh', pod: /tokmesh-[a-z0-9]+-[a-z0-9]+/, labels: { app: 'tokmesh' } }],
 * })
 * ```
 */
export function restartPod(options: RestartPodOptions): Remediation {
  const { api, allow } = options
  if (allow.length === 0) throw new TypeError('restartPod: allow must have an entry')
  for (const [index, entry] of allow.entries()) {
    checkName(`restartPod: allow[${index}].namespace`, entry.namespace)
    checkName(`restartPod: allow[${index}].pod`, entry.pod)
  }
  const minReady = checkWhole('restartPod: minReady', options.minReady ?? 1, 0, 10_000)
  const labels = { namespace: 'namespace', pod: 'pod', ...options.labels }
  return {
    ...settingsOf('restartPod', options),
    async run(alert, { dryRun, signal }) {
      const namespace = nameIn(alert, labels.namespace)
      const name = nameIn(alert, labels.pod)
      const entries = allow.filter((entry) => entry.namespace === namespace && matches(entry.pod, name))
      const what = `pod ${namespace}/${name}`
      if (entries.length === 0) throw new RefusedError(`${what} is not allowed`)
      const pod = await asked(what, signal, () => api.core.readNamespacedPod({ name, namespace }))
      if (!entries.some((entry) => hasLabels(pod, entry))) throw new RefusedError(`${what} has not the labels`)
      const uid = pod.metadata?.uid
      if (uid === undefined || pod.metadata?.deletionTimestamp) throw new RefusedError(`${what} is ending`)
      const ready = await readyOthers(api.apps, what, namespace, pod, signal)
      if (ready < minReady) throw new RefusedError(`${what}: ${ready} others are ready, and ${minReady} have to be`)
      const request = { name, namespace, body: { preconditions: { uid } }, ...(dryRun ? { dryRun: 'All' } : {}) }
      await asked(what, signal, () => api.core.deleteNamespacedPod(request))
      return `${dryRun ? 'would delete' : 'deleted'} ${what}, while ${ready} others are ready`
    },
  }
}

function hasLabels(pod: Pod, { labels = {} }: AllowedPod): boolean {
  return Object.entries(labels).every(([name, value]) => pod.metadata?.labels?.[name] === value)
}
