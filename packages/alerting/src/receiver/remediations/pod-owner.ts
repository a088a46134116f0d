import { RefusedError } from '../remediation.ts'
import type { OwnerApi, Pod } from './kubernetes-api.ts'
import { asked } from './remediation-error.ts'

interface Reached {
  readonly uid: string | undefined
  readonly ready: number
}

/**
 * Resolves to how many pods of the same owner are ready, without this one. Rejects with a {@link RefusedError} when
 * nobody would make the pod anew, or when it is one that runs to an end, as a job's does.
 */
export async function readyOthers(
  api: OwnerApi,
  what: string,
  namespace: string,
  pod: Pod,
  signal: AbortSignal,
): Promise<number> {
  const owner = pod.metadata?.ownerReferences?.find(({ controller }) => controller === true)
  if (owner === undefined) throw new RefusedError(`${what} has no controller that would make it anew`)
  const read = readers(api, { name: owner.name, namespace })[owner.kind]
  if (read === undefined) throw new RefusedError(`${what} belongs to a ${owner.kind}, which is not for restarting`)
  const { uid, ready } = await asked(`${owner.kind} ${namespace}/${owner.name}`, signal, read)
  if (uid !== owner.uid) throw new RefusedError(`${what} belongs to a ${owner.kind} that is no more`)
  const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  return Math.max(0, ready - (isReady ? 1 : 0))
}

function readers(
  api: OwnerApi,
  request: { readonly name: string; readonly namespace: string },
): Readonly<Record<string, (() => Promise<Reached>) | undefined>> {
  return {
    ReplicaSet: async () => {
      const { metadata, status } = await api.readNamespacedReplicaSet(request)
      return { uid: metadata?.uid, ready: status?.readyReplicas ?? 0 }
    },
    StatefulSet: async () => {
      const { metadata, status } = await api.readNamespacedStatefulSet(request)
      return { uid: metadata?.uid, ready: status?.readyReplicas ?? 0 }
    },
    DaemonSet: async () => {
      const { metadata, status } = await api.readNamespacedDaemonSet(request)
      return { uid: metadata?.uid, ready: status?.numberReady ?? 0 }
    },
  }
}
