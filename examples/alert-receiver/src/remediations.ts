/** What may be mended, as far as the environment names it: nothing by default, and then as a dry run. */
import { type Remediation, restartPod, scaleDeployment } from '@honoscope/alerting/receiver'
import { type Environment, EnvironmentError, flag, list } from './environment.ts'

/** A deployment that may be mended, with the fewest and the most replicas that it may have. */
interface Allowed {
  readonly namespace: string
  readonly deployment: string
  readonly min: number
  readonly max: number
}

/**
 * Resolves to the remediations that `REMEDIATIONS` names, for the deployments in `REMEDIATION_DEPLOYMENTS`. Kubernetes's
 * client is loaded only then.
 *
 * @throws EnvironmentError for a name that there isn't, and for a deployment that is not `namespace/name:min-max`.
 */
export async function remediationsFrom(environment: Environment): Promise<Record<string, Remediation>> {
  const names = list(environment, 'REMEDIATIONS')
  if (names.length === 0) return {}
  const allowed = list(environment, 'REMEDIATION_DEPLOYMENTS').map(deploymentOf)
  if (allowed.length === 0) throw new EnvironmentError('REMEDIATION_DEPLOYMENTS must name what may be mended')
  const dryRun = flag(environment, 'REMEDIATIONS_DRY_RUN', true)
  const { AppsV1Api, CoreV1Api, KubeConfig } = await import('@kubernetes/client-node')
  const cluster = new KubeConfig()
  cluster.loadFromDefault()
  const apps = cluster.makeApiClient(AppsV1Api)
  const makers: Readonly<Record<string, () => Remediation>> = {
    'restart-pod': () =>
      restartPod({
        ...{ api: { core: cluster.makeApiClient(CoreV1Api), apps }, dryRun },
        when: { alertname: 'HighMemoryUsage' },
        allow: allowed.map(({ namespace, deployment }) => ({ namespace, pod: podOf(deployment) })),
      }),
    'scale-deployment': () =>
      byPod(
        allowed,
        scaleDeployment({ api: { apps }, dryRun, when: { alertname: 'HighCPUUsage' }, allow: allowed, by: 1 }),
      ),
  }
  return Object.fromEntries(
    names.map((name) => {
      const make = Object.hasOwn(makers, name) ? makers[name] : undefined
      if (!make)
        throw new EnvironmentError(`REMEDIATIONS: there is no "${name}", but ${Object.keys(makers).join(', ')}`)
      return [name, make()]
    }),
  )
}

/** Alerts about containers name a pod: which deployment it is of, its name tells. */
function byPod(allowed: readonly Allowed[], remediation: Remediation): Remediation {
  return {
    ...remediation,
    run(alert, run) {
      const { namespace, pod = '' } = alert.labels
      const of = allowed.find((each) => each.namespace === namespace && podOf(each.deployment).test(pod))
      // Without the label the remediation refuses, and the audit says so.
      return remediation.run(of ? { ...alert, labels: { ...alert.labels, deployment: of.deployment } } : alert, run)
    },
  }
}

/** Names of the pods of a deployment: its own, the hash of its template, and one of the pod. */
const podOf = (deployment: string): RegExp => new RegExp(`^${deployment.replaceAll('.', '\\.')}-[a-z0-9]+-[a-z0-9]+$`)

function deploymentOf(text: string): Allowed {
  const [, namespace, deployment, min, max] = /^([a-z0-9-]+)\/([a-z0-9.-]+):(\d+)-(\d+)$/.exec(text) ?? []
  if (!namespace || !deployment)
    throw new EnvironmentError('REMEDIATION_DEPLOYMENTS must be a list of namespace/name:min-max')
  return { namespace, deployment, min: Number(min), max: Number(max) }
}
