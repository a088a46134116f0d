/** Whether the manifests fit together, and fit TokMesh: names that refer to names, paths, variables, times. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { keyList, keys, variableOf } from '../apps/tokmesh/src/config/keys.ts'
import { outsideVariables } from '../apps/tokmesh/src/config/outside.ts'
import { operations } from '../apps/tokmesh/src/routes/operations.ts'
import { folders, hasKubectl, kustomize, type Manifest, written } from './support/manifests.ts'
import { containersOf, type EnvironmentItem, environmentOf } from './support/pod-environment.ts'

// Without kubectl the base is what can be looked at all the same.
const builds: readonly (readonly [string, readonly Manifest[]])[] = hasKubectl
  ? folders.map((folder) => [folder, kustomize(folder)])
  : [['base', [...written('base').values()].flat()]]
const all = hasKubectl ? '' : ' (overlays skipped: kubectl is not installed)'

const text = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8')
const receiverPage = text('examples/alert-receiver/README.md')
const remediationApi = text('packages/alerting/src/receiver/remediations/kubernetes-api.ts')

const examples = [...written('examples').values()].flat()
const secrets = Object.fromEntries(examples.map(({ metadata, stringData }) => [metadata.name, stringData]))
const fields = {
  'metadata.name': 'tokmesh-6f7c9d5b84-x2x4z',
  'status.podIP': '10.1.2.3',
  'metadata.namespace': 'tokmesh',
}

type Labels = Readonly<Record<string, string>>
const selects = (selector: Labels, labels: Labels = {}) =>
  Object.entries(selector).every(([name, value]) => labels[name] === value)
const of = (documents: readonly Manifest[], kind: string) => documents.filter((document) => document.kind === kind)
const podLabels = ({ spec }: Manifest): Labels => spec.template.metadata.labels
/** Names of the ports of the pods that a selector means. */
const portsOf = (documents: readonly Manifest[], selector: Labels): readonly string[] =>
  of(documents, 'Deployment')
    .filter((deployment) => selects(selector, podLabels(deployment)))
    .flatMap(({ spec }) => spec.template.spec.containers)
    .flatMap(({ ports = [] }) => ports.map(({ name }: { name: string }) => name))
const isOfTokMesh = ({ metadata }: Manifest) => metadata.labels?.['app.kubernetes.io/name'] === 'tokmesh'

describe.each(builds)(`deploy/kubernetes/%s${all}`, (_, documents) => {
  it('is all in one namespace, with no name twice, no secret and no moving tag', () => {
    const names = documents.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    expect(names).toEqual([...new Set(names)])
    expect(of(documents, 'Secret')).toEqual([])
    for (const { container } of containersOf(documents)) expect(container.image).toMatch(/:\d+\.\d+\.\d+$/)
    if (!hasKubectl) return
    const elsewhere = documents.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'tokmesh')
    expect(elsewhere).toEqual([])
  })

  it('selects pods that there are, by the labels that they have', () => {
    const selectors = [
      ...of(documents, 'Service').map(({ spec }) => spec.selector),
      ...of(documents, 'PodDisruptionBudget').map(({ spec }) => spec.selector.matchLabels),
      ...of(documents, 'NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels),
    ]
    expect(selectors.length).toBeGreaterThan(1)
    for (const selector of selectors) expect(portsOf(documents, selector)).not.toEqual([])
    for (const deployment of of(documents, 'Deployment')) {
      expect(selects(deployment.spec.selector.matchLabels, podLabels(deployment))).toBe(true)
      for (const { labelSelector } of deployment.spec.template.spec.topologySpreadConstraints ?? [])
        expect(selects(labelSelector.matchLabels, podLabels(deployment))).toBe(true)
    }
  })

  it('names ports that there are: in Services, probes, policies and monitors', () => {
    for (const { spec } of of(documents, 'Service'))
      for (const { targetPort } of spec.ports) expect(portsOf(documents, spec.selector)).toContain(targetPort)
    for (const { container } of containersOf(documents)) {
      const own = container.ports.map(({ name }: { name: string }) => name)
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
        expect(own).toContain(container[probe].httpGet.port)
    }
    for (const { spec } of of(documents, 'NetworkPolicy'))
      for (const { ports } of spec.ingress)
        for (const { port } of ports) expect(portsOf(documents, spec.podSelector.matchLabels)).toContain(port)
  })

  it('scrapes Services by ports that they have; the exporters are installed by their own charts', () => {
    for (const { metadata, spec } of of(documents, 'ServiceMonitor')) {
      if (metadata.name.endsWith('-exporter')) continue
      const services = of(documents, 'Service').filter((it) => selects(spec.selector.matchLabels, it.metadata.labels))
      expect({ monitor: metadata.name, services: services.length }).toEqual({ monitor: metadata.name, services: 1 })
      const ports = services[0]?.spec.ports.map(({ name }: { name: string }) => name)
      for (const { port } of spec.endpoints) expect(ports).toContain(port)
    }
  })

  it('refers to secrets and keys that the example shows', () => {
    for (const { container } of containersOf(documents))
      for (const { valueFrom } of (container.env ?? []) as readonly EnvironmentItem[]) {
        const reference = valueFrom?.secretKeyRef
        if (reference) expect(secrets[reference.name]).toHaveProperty([reference.key])
      }
    for (const { spec } of of(documents, 'ServiceMonitor'))
      for (const { authorization } of spec.endpoints) {
        const reference = authorization?.credentials
        if (reference) expect(secrets[reference.name]).toHaveProperty([reference.key])
      }
    for (const { spec } of of(documents, 'Deployment'))
      for (const { secret } of spec.template.spec.volumes)
        if (secret) expect(secrets).toHaveProperty([secret.secretName])
  })

  it('expands each $(NAME), which must stand further up, and gives the node an id that TokMesh takes', () => {
    for (const { container } of containersOf(documents)) {
      const environment = environmentOf(container.env, { fields, secrets })
      for (const text of Object.values(environment)) expect(text).not.toContain('$(')
      const id = environment[variableOf(keys.nodeId.path)]
      if (id === undefined) continue
      expect(id).toBe(`tmnd-${fields['metadata.name']}`)
      expect(keys.nodeId.check(id)).toBeUndefined()
    }
  })

  it('sets variables that TokMesh knows, to values that it takes', () => {
    const known = new Map(keyList.map(([, key]) => [variableOf(key.path), key]))
    const others: readonly string[] = [...outsideVariables, 'POD_NAME', 'POD_IP']
    for (const { container } of containersOf(documents).filter(({ owner }) => isOfTokMesh(owner))) {
      for (const [name, text] of Object.entries(environmentOf(container.env, { fields, secrets }))) {
        const key = known.get(name)
        if (!key) {
          expect(others).toContain(name)
          continue
        }
        const value = key.parse(text)
        expect({ name, text, isOfType: value !== undefined }).toEqual({ name, text, isOfType: true })
        expect({ name, complaint: key.check(value) }).toEqual({ name, complaint: undefined })
      }
    }
  })

  it('runs nothing as root, with no token that is not needed, on a file system that nobody writes', () => {
    for (const { spec } of of(documents, 'Deployment')) {
      const { securityContext, serviceAccountName, volumes, automountServiceAccountToken } = spec.template.spec
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
      const account = of(documents, 'ServiceAccount').find(({ metadata }) => metadata.name === serviceAccountName)
      expect(account?.automountServiceAccountToken).toBe(false)
      const mounted = of(documents, 'RoleBinding').some(({ subjects }) => subjects[0].name === serviceAccountName)
      expect(automountServiceAccountToken).toBe(mounted)
      for (const container of spec.template.spec.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        expect(container.resources.limits.memory).toMatch(/^\d+[MG]i$/)
        const names = volumes.map(({ name }: { name: string }) => name).sort()
        expect(container.volumeMounts.map(({ name }: { name: string }) => name).sort()).toEqual(names)
      }
    }
  })

  it('asks the three probes, and waits as long as they need', () => {
    const routes = operations.filter(({ method }) => method === 'GET').map(({ path }) => path)
    for (const { owner, container } of containersOf(documents)) {
      const { startupProbe, livenessProbe, readinessProbe } = container
      const paths = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path)
      expect(paths).toEqual(['/health/startup', '/health/live', '/health/ready'])
      // A pod is taken out of the Service before it is ended for the same reason.
      const unreadySeconds = readinessProbe.periodSeconds * readinessProbe.failureThreshold
      expect(unreadySeconds).toBeLessThan(livenessProbe.periodSeconds * livenessProbe.failureThreshold)
      if (!isOfTokMesh(owner)) continue
      for (const path of [...paths, '/metrics']) expect(routes).toContain(path)
      // The check of the database answers after 2 s at the latest.
      expect(readinessProbe.timeoutSeconds).toBeGreaterThan(2)
      const { terminationGracePeriodSeconds } = owner.spec.template.spec
      expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(keys.shutdownTimeoutMs.default)
    }
  })

  it('sets variables that the alert receiver’s page names', () => {
    for (const { owner, container } of containersOf(documents)) {
      if (owner.metadata.name !== 'alert-receiver') continue
      for (const { name } of container.env) expect(receiverPage).toContain(`\`${name}\``)
    }
  })
})

describe('deploy/kubernetes/overlays/remediation', () => {
  it('gives the receiver the rights that its remediations need for a Deployment, and no other', () => {
    const methods = remediationApi.matchAll(/\b(read|delete|replace|patch|list|create)Namespaced(\w+)\(/g)
    const verbs: Readonly<Record<string, string>> = { read: 'get', delete: 'delete', replace: 'update' }
    const resources: Readonly<Record<string, string>> = { DeploymentScale: 'deployments/scale' }
    const needed = [...methods].map(([, method = '', kind = '']) => {
      return `${verbs[method] ?? method} ${resources[kind] ?? `${kind.toLowerCase()}s`}`
    })
    const [role] = of(written('overlays/remediation').get('overlays/remediation/role.yaml') ?? [], 'Role')
    const given = role?.rules.flatMap((rule: Record<'verbs' | 'resources', readonly string[]>) =>
      rule.resources.flatMap((resource) => rule.verbs.map((verb) => `${verb} ${resource}`)),
    )
    // TokMesh is a Deployment: its pods are a ReplicaSet's.
    const others = ['get statefulsets', 'get daemonsets']
    expect([...given].sort()).toEqual(needed.filter((it) => !others.includes(it)).sort())
    expect(needed.length).toBe(given.length + others.length)
  })

  it('mends nothing before somebody writes false, and never below a majority', () => {
    const documents = written('overlays/remediation').get('overlays/remediation/deployment.yaml') ?? []
    const { env } = documents[0]?.spec.template.spec.containers[0] ?? {}
    const environment = environmentOf(env, { fields, secrets })
    expect(environment.REMEDIATIONS_DRY_RUN).toBe('true')
    const [, least, most] = /^tokmesh\/tokmesh:(\d+)-(\d+)$/.exec(environment.REMEDIATION_DEPLOYMENTS ?? '') ?? []
    const [deployment] = of(written('base').get('base/deployment.yaml') ?? [], 'Deployment')
    expect(Number(least)).toBe(deployment?.spec.replicas)
    // 11 connections a node, 11 for one that comes, 3 for superusers: PostgreSQL has 100.
    expect(11 * Number(most) + 11 + 3).toBeLessThanOrEqual(100)
  })
})
