import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RefusedError } from '../remediation.ts'
import { hasOpenssl, selfSigned } from '../testing/certificate.ts'
import { type FakeKubernetes, fakeKubernetes } from '../testing/fake-kubernetes.ts'
import { realClients } from '../testing/kubernetes-clients.ts'
import { alertOf } from '../testing/messages.ts'
import { type ScaleDeploymentOptions, scaleDeployment } from './scale-deployment.ts'

const SCALE = '/apis/apps/v1/namespaces/shop/deployments/web/scale'
const alert = alertOf({ labels: { alertname: 'HighCPUUsage', namespace: 'shop', deployment: 'web' } })
const run = (dryRun = false) => ({ dryRun, signal: AbortSignal.timeout(20_000) })
const allow = [{ namespace: 'shop', deployment: 'web', min: 2, max: 5 }]
const when = { alertname: 'HighCPUUsage' }

for (const client of realClients)
  describe.skipIf(!hasOpenssl || client.missing !== undefined)(
    `${client.name} (${client.missing ?? 'needs openssl'})`,
    () => {
      const { key, cert } = hasOpenssl ? selfSigned() : { key: '', cert: '' }
      let kubernetes: FakeKubernetes
      let api: ScaleDeploymentOptions['api']
      const replicasAre = (replicas: number | undefined, resourceVersion = '41'): void => {
        kubernetes.objects.set(SCALE, {
          metadata: { name: 'web', resourceVersion },
          spec: { ...(replicas && { replicas }) },
        })
      }
      const replicas = () => kubernetes.objects.get(SCALE)?.spec.replicas
      const scaleBy = (by: number) => scaleDeployment({ api, allow, when, by }).run(alert, run())
      const scaleTo = (to: number) => scaleDeployment({ api, allow, when, to }).run(alert, run())

      beforeEach(async () => {
        kubernetes = await fakeKubernetes(key, cert, 'Tsecret')
        api = await client.connect(kubernetes.url, cert, 'Tsecret')
        replicasAre(3)
      })
      afterEach(() => kubernetes.stop())

      it('adds to what there is, and says on what condition', async () => {
        expect(await scaleBy(1)).toBe('scaled deployment shop/web from 3 to 4 replicas')
        expect(replicas()).toBe(4)
        expect(kubernetes.calls.at(-1)).toEqual({
          method: 'PUT',
          path: SCALE,
          dryRun: false,
          body: {
            apiVersion: 'autoscaling/v1',
            kind: 'Scale',
            metadata: { name: 'web', namespace: 'shop', resourceVersion: '41' },
            spec: { replicas: 4 },
          },
        })
      })

      it('stays within its bounds, up and down', async () => {
        expect(await scaleBy(100)).toContain('from 3 to 5')
        replicasAre(3)
        expect(await scaleBy(-100)).toContain('from 3 to 2')
      })

      it.each([
        [5, 1, 'has 5 replicas, and may have 2 to 5'],
        [9, 1, 'has 9 replicas, and may have 2 to 5'],
        [2, -1, 'has 2 replicas, and may have 2 to 5'],
        [1, -1, 'has 1 replicas, and may have 2 to 5'],
        [undefined, 1, 'is scaled to 0'],
      ])('refuses to go from %s by %i', async (present, by, why) => {
        replicasAre(present)
        await expect(scaleBy(by)).rejects.toBeInstanceOf(RefusedError)
        await expect(scaleBy(by)).rejects.toThrow(why)
        expect(kubernetes.calls.some(({ method }) => method !== 'GET')).toBe(false)
      })

      it('goes to a number, once', async () => {
        expect(await scaleTo(5)).toContain('from 3 to 5')
        expect(await scaleTo(5)).toBe('deployment shop/web has 5 replicas already')
        expect(kubernetes.calls.filter(({ method }) => method === 'PUT')).toHaveLength(1)
      })

      it('does not overwrite what somebody else has done meanwhile', async () => {
        kubernetes.before = ({ method }) => {
          if (method === 'PUT') replicasAre(4, '42')
        }
        await expect(scaleBy(1)).rejects.toThrow('it has changed meanwhile (409)')
        expect(replicas()).toBe(4)
      })

      it('only asks what would happen in a dry run', async () => {
        const scale = scaleDeployment({ api, allow, when, by: 1 })
        expect(await scale.run(alert, run(true))).toBe('would scale deployment shop/web from 3 to 4 replicas')
        expect(kubernetes.calls.at(-1)).toMatchObject({ method: 'PUT', dryRun: true })
        expect(replicas()).toBe(3)
      })

      it.each([[{ deployment: 'web-2' }], [{ namespace: 'shop2' }], [{ deployment: 'web/x' }], [{ deployment: '' }]])(
        'asks Kubernetes nothing for a target that is not allowed: %j',
        async (labels) => {
          const other = alertOf({ labels: { ...alert.labels, ...labels } })
          const failed = scaleDeployment({ api, allow, when, by: 1 }).run(other, run())
          await expect(failed).rejects.toBeInstanceOf(RefusedError)
          expect(kubernetes.calls).toHaveLength(0)
        },
      )
    },
  )

const api = {} as ScaleDeploymentOptions['api']
it.each([
  [{}, 'either by or to'],
  [{ by: 1, to: 2 }, 'either by or to'],
  [{ by: 0 }, 'by must not be 0'],
  [{ by: 0.5 }, 'scaleDeployment: by'],
  [{ to: 6 }, 'scaleDeployment: to'],
  [{ by: 1, allow: [] }, 'scaleDeployment: allow'],
  [{ by: 1, allow: [{ namespace: 'a', deployment: 'b', min: 0, max: 2 }] }, 'allow[0].min'],
  [{ by: 1, allow: [{ namespace: 'a', deployment: 'b', min: 3, max: 2 }] }, 'allow[0].max'],
  [{ by: 1, allow: [{ namespace: 'a', deployment: 'B', min: 1, max: 2 }] }, 'allow[0].deployment'],
])('throws at once for %j', (options, named) => {
  const make = () => scaleDeployment({ api, allow, when, ...options })
  expect(make).toThrow(TypeError)
  expect(make).toThrow(named)
})
