import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RefusedError } from '../remediation.ts'
import { hasOpenssl, selfSigned } from '../testing/certificate.ts'
import { type FakeKubernetes, fakeKubernetes } from '../testing/fake-kubernetes.ts'
import { realClients } from '../testing/kubernetes-clients.ts'
import { alertOf } from '../testing/messages.ts'
import { type RestartPodOptions, restartPod } from './restart-pod.ts'

const POD = '/api/v1/namespaces/shop/pods/web-7d-x1'
const OWNER = '/apis/apps/v1/namespaces/shop/replicasets/web-7d'
const DEPLOYED = { kind: 'ReplicaSet', apiVersion: 'apps/v1', name: 'web-7d', uid: 'owner-1', controller: true }
const alert = alertOf({ labels: { alertname: 'HighMemoryUsage', namespace: 'shop', pod: 'web-7d-x1' } })
const run = (dryRun = false) => ({ dryRun, signal: AbortSignal.timeout(20_000) })
const allow = [{ namespace: 'shop', pod: /web-[a-z0-9]+-[a-z0-9]+/, labels: { app: 'web' } }]

for (const client of realClients)
  describe.skipIf(!hasOpenssl || client.missing !== undefined)(
    `${client.name} (${client.missing ?? 'needs openssl'})`,
    () => {
      const { key, cert } = hasOpenssl ? selfSigned() : { key: '', cert: '' }
      let kubernetes: FakeKubernetes
      let api: RestartPodOptions['api']
      const restartOf = (options: Partial<RestartPodOptions> = {}) =>
        restartPod({ api, allow, when: { alertname: 'HighMemoryUsage' }, ...options })
      const podIs = (metadata: object, ready = 'True'): void => {
        const whole = {
          name: 'web-7d-x1',
          uid: 'pod-1',
          labels: { app: 'web' },
          ownerReferences: [DEPLOYED],
          ...metadata,
        }
        kubernetes.objects.set(POD, { metadata: whole, status: { conditions: [{ type: 'Ready', status: ready }] } })
      }
      const ownerIs = (status: object, uid = 'owner-1', path = OWNER): void => {
        kubernetes.objects.set(path, { metadata: { uid }, status })
      }

      beforeEach(async () => {
        kubernetes = await fakeKubernetes(key, cert, 'Tsecret')
        api = await client.connect(kubernetes.url, cert, 'Tsecret')
        podIs({})
        ownerIs({ readyReplicas: 3 })
      })
      afterEach(() => kubernetes.stop())

      it('deletes the very pod that it has looked at', async () => {
        expect(await restartOf().run(alert, run())).toBe('deleted pod shop/web-7d-x1, while 2 others are ready')
        expect(kubernetes.objects.has(POD)).toBe(false)
        expect(kubernetes.calls.at(-1)).toMatchObject({
          method: 'DELETE',
          dryRun: false,
          body: { preconditions: { uid: 'pod-1' } },
        })
      })

      it('only asks what would happen in a dry run', async () => {
        expect(await restartOf().run(alert, run(true))).toBe(
          'would delete pod shop/web-7d-x1, while 2 others are ready',
        )
        expect(kubernetes.objects.has(POD)).toBe(true)
        expect(kubernetes.calls.at(-1)).toMatchObject({ method: 'DELETE', dryRun: true })
      })

      it('leaves a pod alone that took the name meanwhile', async () => {
        kubernetes.before = ({ method }) => {
          if (method === 'DELETE') podIs({ uid: 'pod-2' })
        }
        await expect(restartOf().run(alert, run())).rejects.toThrow('it has changed meanwhile (409)')
        expect(kubernetes.objects.has(POD)).toBe(true)
      })

      it.each([
        ['its owner has one ready pod', () => ownerIs({ readyReplicas: 1 })],
        ['its owner tells of none', () => ownerIs({})],
        ['nobody would make it anew', () => podIs({ ownerReferences: [] })],
        ['its owner does not control it', () => podIs({ ownerReferences: [{ ...DEPLOYED, controller: false }] })],
        ['it belongs to a job', () => podIs({ ownerReferences: [{ ...DEPLOYED, kind: 'Job' }] })],
        ['its owner is another of the same name', () => ownerIs({ readyReplicas: 3 }, 'owner-2')],
        ['it is on its way out', () => podIs({ deletionTimestamp: '2026-06-01T10:30:00Z' })],
        ['it has not the labels', () => podIs({ labels: { app: 'database' } })],
        ['there is none', () => kubernetes.objects.delete(POD)],
        [
          'Kubernetes forbids it',
          () => {
            kubernetes.fails = 403
          },
        ],
      ])('refuses when %s', async (_, arrange) => {
        arrange()
        await expect(restartOf().run(alert, run())).rejects.toBeInstanceOf(RefusedError)
        expect(kubernetes.calls.some(({ method }) => method !== 'GET')).toBe(false)
      })

      it('counts the others alone, and as many as it is told to', async () => {
        podIs({}, 'False')
        ownerIs({ readyReplicas: 1 })
        expect(await restartOf().run(alert, run(true))).toContain('while 1 others are ready')
        ownerIs({})
        expect(await restartOf({ minReady: 0 }).run(alert, run())).toContain('deleted')
      })

      it.each([
        ['StatefulSet', 'statefulsets', { readyReplicas: 2 }],
        ['DaemonSet', 'daemonsets', { numberReady: 2 }],
      ])('knows the pods of a %s', async (kind, plural, status) => {
        podIs({ ownerReferences: [{ ...DEPLOYED, kind }] })
        ownerIs(status, 'owner-1', OWNER.replace('replicasets', plural))
        expect(await restartOf().run(alert, run())).toBe('deleted pod shop/web-7d-x1, while 1 others are ready')
      })

      it.each([
        [{ pod: 'old-web-7d-x1' }],
        [{ pod: 'web-7d-x1-y' }],
        [{ namespace: 'kube-system' }],
        [{ pod: '../secrets/x' }],
        [{ pod: 'web-7d-x1\nx' }],
        [{ pod: '' }],
        [{ namespace: '' }],
      ])('asks Kubernetes nothing for a target that is not allowed: %j', async (labels) => {
        const other = alertOf({ labels: { ...alert.labels, ...labels } })
        await expect(restartOf().run(other, run())).rejects.toBeInstanceOf(RefusedError)
        expect(kubernetes.calls).toHaveLength(0)
      })

      it('takes the names from labels of your choice', async () => {
        const labels = { namespace: 'exported_namespace', pod: 'exported_pod' }
        const other = alertOf({ labels: { exported_namespace: 'shop', exported_pod: 'web-7d-x1' } })
        expect(
          await restartOf({ labels, allow: [{ namespace: 'shop', pod: 'web-7d-x1' }] }).run(other, run()),
        ).toContain('deleted')
      })

      it('says the status of a failure, and nothing of what came with it', async () => {
        kubernetes.fails = 500
        const error = await restartOf()
          .run(alert, run())
          .catch((reason: unknown) => reason)
        expect(error).toMatchObject({
          code: 'HONOSCOPE_REMEDIATION_FAILED',
          message: 'pod shop/web-7d-x1: Kubernetes answered 500',
        })
        expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('Tsecret')
      })

      it('gives up when it is told to', async () => {
        kubernetes.fails = 'hang'
        const controller = new AbortController()
        kubernetes.before = () => controller.abort()
        const failed = restartOf().run(alert, { dryRun: false, signal: controller.signal })
        await expect(failed).rejects.toThrow('pod shop/web-7d-x1: gave up waiting')
        await expect(restartOf().run(alert, { dryRun: false, signal: AbortSignal.abort() })).rejects.toThrow('gave up')
        expect(kubernetes.calls).toHaveLength(1)
      })
    },
  )

const api = {} as RestartPodOptions['api']
it.each([
  [{ allow: [] }, 'restartPod: allow'],
  [{ allow: [{ namespace: '*', pod: 'x' }] }, 'restartPod: allow[0].namespace'],
  [{ allow: [{ namespace: 'a', pod: 'x*' }] }, 'restartPod: allow[0].pod'],
  [{ minReady: -1 }, 'restartPod: minReady'],
  [{ when: { alertname: '' } }, 'restartPod: when'],
])('throws at once for %j', (options, named) => {
  const make = () => restartPod({ api, allow, when: { alertname: 'A' }, ...options })
  expect(make).toThrow(TypeError)
  expect(make).toThrow(named)
})
