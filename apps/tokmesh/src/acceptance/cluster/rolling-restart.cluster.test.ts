import { runtime } from '@honoscope/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pause } from '../support.ts'
import { spreadOver, useOverAndOver } from './client.ts'
import { startCluster, type TestCluster, untilMembers } from './nodes.ts'

let cluster: TestCluster
beforeAll(async () => {
  // The grace is for load balancers that look at /ready; this client does not, so it meets the end of each port too.
  cluster = await startCluster({ environment: { TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '1s' } })
})
afterAll(() => cluster?.stop())

it('a rolling restart fails no request of a client that tries once more elsewhere', async () => {
  const client = spreadOver(cluster.nodes)
  const load = useOverAndOver(client, cluster.issuer, 150)
  await pause(1500)
  const stops: string[] = []
  for (const node of cluster.nodes) {
    const startedAt = performance.now()
    expect(await node.kill('SIGTERM')).toBe(0)
    const stoppedMs = Math.round(performance.now() - startedAt)
    await node.start()
    stops.push(`${stoppedMs} + ${Math.round(performance.now() - startedAt - stoppedMs)} ms`)
    await untilMembers(cluster.nodes, 3)
    await pause(500)
  }
  await load.stop()

  const codes = client.retried.map(({ code }) => code)
  const reasons = [...new Set(codes)].map((code) => `${code} ${codes.filter((one) => one === code).length}`)
  process.stdout.write(
    `${runtime}: stopped and ready again after ${stops.join(', ')}; ${client.answers.length} requests, ` +
      `${client.retried.length} tried again (${reasons.join(', ')}), ${load.failed.length} failed\n`,
  )
  expect(load.failed).toEqual([])
  // It did meet nodes that were away.
  expect(client.retried.length).toBeGreaterThan(3)
  expect(load.kept.length).toBeGreaterThan(200)
  for (const { index } of cluster.nodes)
    expect(client.answers.filter(({ node, status }) => node === index && status === 201).length).toBeGreaterThan(20)
}, 120_000)
