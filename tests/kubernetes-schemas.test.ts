/** Every manifest against the schemas of Kubernetes and of the Prometheus operator. */
import { describe, expect, it } from 'vitest'
import { fieldFaults, schemaFaults } from './support/kubernetes-schemas.ts'
import { folders, hasKubectl, kustomize, type Manifest, written } from './support/manifests.ts'

const allSchemaFaults = async (documents: readonly Manifest[]) =>
  (
    await Promise.all(
      documents.map(async (document) => {
        const { kind, metadata } = document
        return (await schemaFaults(document)).map((fault) => `${kind} ${metadata.name}: ${fault}`)
      }),
    )
  ).flat()

// What is no overlay is whole as it is written; an overlay's files are patches.
const whole = [...folders.filter((folder) => !folder.startsWith('overlays/')), 'examples']

describe.each(whole)('the files of deploy/kubernetes/%s', (folder) => {
  const documents = [...written(folder).values()].flat()

  it('are documents of their schemas', async () => {
    expect(documents.length).toBeGreaterThan(0)
    expect(await allSchemaFaults(documents)).toEqual([])
  })

  it('have no field that their types do not have', () => {
    expect(fieldFaults(documents)).toEqual([])
  })
})

const title = `deploy/kubernetes/%s, put together${hasKubectl ? '' : ' (skipped: kubectl is not installed)'}`
describe.skipIf(!hasKubectl).each(folders)(title, (folder) => {
  const documents = hasKubectl ? kustomize(folder) : []

  it('is documents of their schemas, without a field that their types do not have', async () => {
    expect(documents.length).toBeGreaterThan(0)
    expect(await allSchemaFaults(documents)).toEqual([])
    expect(fieldFaults(documents)).toEqual([])
  })
})

describe('the check itself', () => {
  const deployment = () =>
    structuredClone([...written('base').values()].flat().find(({ kind }) => kind === 'Deployment') as Manifest)

  it('finds a misspelt field, which the schemas pass over', async () => {
    const document = deployment()
    const [container] = document.spec.template.spec.containers
    container.readinesProbe = container.readinessProbe
    delete container.readinessProbe
    expect(await schemaFaults(document)).toEqual([])
    expect(fieldFaults([document])).toEqual([expect.stringMatching(/readinesProbe\W+does not exist/)])
  })

  it('finds one in a document of the operator, and says in which', () => {
    const monitor = structuredClone(written('base').get('base/service-monitor.yaml')?.[0]) as Manifest
    monitor.spec.endpoints[0].scrapeTimeOut = '10s'
    const faults = fieldFaults([deployment(), monitor])
    expect(faults).toEqual([expect.stringMatching(/^1-ServiceMonitor-tokmesh\.ts.*scrapeTimeOut\W+does not exist/)])
  })

  it('finds a missing field, a wrong type and an unknown kind', async () => {
    const nameless = deployment()
    delete nameless.spec.template.spec.containers[0].name
    expect(await schemaFaults(nameless)).toEqual([expect.stringContaining('must have required property name')])
    const wrong = deployment()
    wrong.spec.replicas = 'three'
    expect(await schemaFaults(wrong)).not.toEqual([])
    expect(await schemaFaults({ ...deployment(), kind: 'Deploiment' })).not.toEqual([])
  })
})
