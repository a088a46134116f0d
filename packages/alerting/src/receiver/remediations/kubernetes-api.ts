/**
 * What of Kubernetes's API is used, by the shapes of `@kubernetes/client-node` 2: its `CoreV1Api` and `AppsV1Api` fit.
 * No client is bundled: the user's has the credentials.
 */

interface Named {
  readonly name: string
  readonly namespace: string
}

interface Owner {
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
}

/** What is read of a pod. */
export interface Pod {
  readonly metadata?: {
    readonly uid?: string
    readonly labels?: { readonly [name: string]: string }
    readonly ownerReferences?: readonly Owner[]
    readonly deletionTimestamp?: Date
  }
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

/** What is read of a ReplicaSet or a StatefulSet. */
export interface Replicated {
  readonly metadata?: { readonly uid?: string }
  readonly status?: { readonly readyReplicas?: number }
}

/** What is read of a DaemonSet. */
export interface PerNode {
  readonly metadata?: { readonly uid?: string }
  readonly status?: { readonly numberReady?: number }
}

/** What is read and written of a deployment's scale. */
export interface Scale {
  readonly metadata?: { readonly resourceVersion?: string }
  readonly spec?: { readonly replicas?: number }
}

/** What is written of a deployment's scale. */
export interface ScaleUpdate {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace: string; resourceVersion: string }
  spec: { replicas: number }
}

/** What is used of `CoreV1Api`. */
export interface PodApi {
  readNamespacedPod(request: Named): Promise<Pod>
  deleteNamespacedPod(
    request: Named & { readonly dryRun?: string; readonly body?: { preconditions: { uid: string } } },
  ): Promise<unknown>
}

/** What is used of `AppsV1Api` to look at the owner of a pod. */
export interface OwnerApi {
  readNamespacedReplicaSet(request: Named): Promise<Replicated>
  readNamespacedStatefulSet(request: Named): Promise<Replicated>
  readNamespacedDaemonSet(request: Named): Promise<PerNode>
}

/** What is used of `AppsV1Api` to scale a deployment. */
export interface ScaleApi {
  readNamespacedDeploymentScale(request: Named): Promise<Scale>
  replaceNamespacedDeploymentScale(
    request: Named & { readonly dryRun?: string; readonly body: ScaleUpdate },
  ): Promise<Scale>
}
