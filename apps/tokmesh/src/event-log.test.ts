import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminKey, type Node, startNode } from './acceptance/support.ts'

const nodes: Node[] = []
afterAll(async () => {
  for (const node of nodes) await node.stop()
})

/** Lines about requests, of a service with this level, after a read, a refusal, a probe, an unknown route, a write. */
async function linesAt(level: string) {
  const node = await startNode('embedded', { TOKMESH_TELEMETRY_LOGGING_LEVEL: level })
  nodes.push(node)
  await node.call('GET', '/sessions/nonsense-4711', { key: adminKey })
  await node.call('GET', '/admin/v1/keys?size=hush', { key: adminKey })
  await node.call('GET', '/admin/v1/keys', { key: adminKey })
  await node.call('GET', '/ready')
  await node.call('GET', '/hush/hush')
  await node.call('POST', '/sessions', { key: adminKey, body: { user_id: 'hush' } })
  return node.logged.map((line) => JSON.parse(line)).filter(({ route }) => route !== undefined)
}

describe('the log of requests', () => {
  let lines: Awaited<ReturnType<typeof linesAt>>
  beforeAll(async () => {
    lines = await linesAt('debug')
  })

  it('has a line for each at level debug, with template, status, result, time and ids', () => {
    expect(lines.map(({ level, method, route, status, result }) => [level, method, route, status, result])).toEqual([
      ['DEBUG', 'GET', '/sessions/{session_id}', expect.any(Number), expect.stringMatching(/^TM-/)],
      ['DEBUG', 'GET', '/admin/v1/keys', 400, 'TM-ARG-1001'],
      ['DEBUG', 'GET', '/admin/v1/keys', 200, 'OK'],
      ['DEBUG', 'GET', '/ready', 200, 'OK'],
      ['DEBUG', 'GET', expect.not.stringContaining('hush'), 404, 'TM-SYS-4040'],
      ['INFO', 'POST', '/sessions', 201, 'OK'],
    ])
    for (const { request_id, duration_ms } of lines) {
      expect([request_id, duration_ms]).toEqual([expect.any(String), expect.any(Number)])
    }
    expect(lines[2].api_key_id).toBe(adminKey.split(':')[0])
    expect(JSON.stringify(lines)).not.toMatch(/hush|4711/)
  })

  it('has those of writes alone above it', async () => {
    expect((await linesAt('info')).map(({ message }) => message)).toEqual(['session created'])
  })
})
