/** TokMesh as a process with the environment that the manifests give it, on a real PostgreSQL: three pods of one Deployment. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestDatabase, testDatabase } from '@honoscope/testing/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../apps/tokmesh/src/acceptance/child.ts'
import { type Manifest, written } from './support/manifests.ts'
import { environmentOf } from './support/pod-environment.ts'
import { type Process, startProcess, tokmeshCommand } from './support/process.ts'
import { eventually } from './support/prometheus.ts'

const deployment = [...written('base').values()].flat().find(({ kind }) => kind === 'Deployment') as Manifest
const { spec } = deployment.spec.template
const [container] = spec.containers
const adminKey = `tmak-${'0'.repeat(25)}a:tmas_${'A'.repeat(43)}`
const metricsKey = `tmak-${'0'.repeat(25)}b:tmas_${'B'.repeat(43)}`
const dataFolder = '/var/lib/tokmesh'

describe('the environment of the Deployment', () => {
  let database: TestDatabase
  let folder: string
  const pods: { readonly name: string; readonly url: string; readonly process: Process }[] = []

  const startPod = async (name: string) => {
    const secrets = {
      'tokmesh-database': { url: database.url },
      'tokmesh-bootstrap': { admin: adminKey },
      'tokmesh-metrics': { key: metricsKey },
    }
    const given = environmentOf(container.env, {
      fields: { 'metadata.name': name, 'status.podIP': '127.0.0.1' },
      secrets,
    })
    // Pods have an address of their own; processes of one machine need ports of their own. Nothing else is changed, and
    // there is nothing else: no HOME, no PATH.
    const port = await freePort()
    const environment = Object.fromEntries(
      Object.entries(given).map(([key, text]) => [key, text.replace(/:5080$/, `:${port}`)]),
    )
    return { name, url: `http://127.0.0.1:${port}`, process: startProcess(tokmeshCommand, environment, folder) }
  }

  beforeAll(async () => {
    database = await testDatabase()
    folder = await mkdtemp(join(tmpdir(), 'honoscope-pod-'))
    for (let i = 0; i < deployment.spec.replicas; i++) pods.push(await startPod(`tokmesh-6f7c9d5b84-x2x4${i}`))
  })
  afterAll(async () => {
    for (const { process } of pods) await process.kill('SIGKILL')
    await database?.drop()
    await rm(folder, { recursive: true, force: true })
  })

  const status = (url: string, probe: string) =>
    fetch(`${url}${container[probe].httpGet.path}`).then((answer) => answer.status)

  it('starts nodes whose three probes say yes, well within what the startup probe allows', async () => {
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe']
    for (const { url } of pods) {
      const ask = () => Promise.all(probes.map((probe) => status(url, probe)))
      expect(await eventually(ask, (all) => all.every((code) => code === 200))).toEqual([200, 200, 200])
    }
    const { periodSeconds, failureThreshold } = container.startupProbe
    // `eventually` gives up after 60 s.
    expect(periodSeconds * failureThreshold).toBeGreaterThan(60)
  }, 200_000)

  it('makes one cluster of them, named by their pods, which Prometheus may look at with the key of the ServiceMonitor', async () => {
    const [pod] = pods
    const scrape = async () => {
      const answer = await fetch(`${pod?.url}/metrics`, { headers: { authorization: `Bearer ${metricsKey}` } })
      return { status: answer.status, text: await answer.text() }
    }
    const active = 'tokmesh_cluster_nodes_total{status="active"} 3'
    const seen = await eventually(scrape, ({ text }) => text.includes(active))
    expect(seen.status).toBe(200)
    expect(seen.text).toContain(active)
    expect(seen.text).toContain(`tokmesh_shard_keys_count{node_id="tmnd-${pod?.name}"}`)
    expect((await fetch(`${pod?.url}/metrics`)).status).toBe(401)
  }, 90_000)

  it('is warned of nothing but its open port, no file and, while nodes come, an even number of them', () => {
    for (const { process } of pods) {
      expect(process.stderr()).toBe('')
      const loud = process.lines().filter(({ level }) => level !== 'INFO')
      const others = loud.filter(({ message }) => message !== 'even number of nodes')
      expect(others.map(({ level, message }) => `${level} ${message}`)).toEqual([
        expect.stringMatching(/^WARN there is no configuration file/),
        expect.stringMatching(/^WARN SECURITY: \S+ can be reached from other machines/),
      ])
    }
  })

  it('lets them write nothing where they run, and makes no data folder', async () => {
    expect(await readdir(folder)).toEqual([])
    expect(await readdir(dataFolder).catch(({ code }) => code)).toBe('ENOENT')
  })

  it('lets a container that was killed come back in its pod as the node that it was', async () => {
    const last = pods.pop()
    await last?.process.kill('SIGKILL')
    const back = await startPod(last?.name ?? '')
    pods.push(back)
    expect(
      await eventually(
        () => status(back.url, 'readinessProbe'),
        (code) => code === 200,
      ),
    ).toBe(200)
  }, 90_000)

  it('lets a node end in order, not ready and still serving at first, within the grace of its pod', async () => {
    const [pod] = pods
    if (!pod) throw new Error('no pod')
    const from = performance.now()
    const ended = pod.process.kill('SIGTERM')
    const draining = await eventually(
      () => status(pod.url, 'readinessProbe'),
      (code) => code === 503,
    )
    expect(draining).toBe(503)
    expect(await status(pod.url, 'livenessProbe')).toBe(200)
    expect(await ended).toBe(0)
    expect(performance.now() - from).toBeLessThan(spec.terminationGracePeriodSeconds * 1000)
  }, 90_000)
})
