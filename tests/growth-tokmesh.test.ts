import { until } from '@honoscope/testing'
import { describe, expect, it } from 'vitest'
import { startNode } from '../apps/tokmesh/src/acceptance/support.ts'
import { usedHeapBytes } from './support/heap.ts'
import { request, seriesOf, total } from './support/series.ts'

/** What a stranger, and a client with a key, may ask TokMesh: eight kinds in turn, each with words of its own. */
function inventedCall(n: number, key: string): Request {
  const word = `invented${n.toString(36)}`
  const known = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const unknown = { authorization: `Bearer tmak-01h${n.toString().padStart(23, '0')}:tmas_${word.padEnd(43, 'x')}` }
  const post = (path: string, body: object, headers: Record<string, string> = known) =>
    new Request(`http://service${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  switch (n % 8) {
    case 0:
      return request(`M${n}`, `/sessions/${word}`)
    case 1:
      return request('GET', `/${word}?${word}=${word}`, known)
    case 2:
      return request('GET', `/sessions/${word}`, { 'x-api-key': word, 'x-request-id': word })
    case 3:
      return n % 160 === 3 ? post('/sessions', {}, unknown) : request('DELETE', `/sessions/${word}`, known)
    case 4:
      return post('/tokens/validate', { token: `tmtk_${word.padEnd(43, 'x')}` })
    case 5:
      return post(`/sessions/${word}/touch`, { [word]: word })
    case 6:
      return request('PATCH', `/admin/v1/${word}`, { ...known, 'user-agent': word })
    default:
      return request('GET', '/health', { [word]: word })
  }
}

describe('what clients invent', () => {
  it('20,000 times, in methods, paths, ids, keys and bodies, adds no series to TokMesh', async () => {
    const node = await startNode('embedded')
    try {
      // The usual rate of 1,000/s would refuse some of the calls on a fast machine, and none on a slow one.
      const key = await node.newKey('admin', { rate_limit: 1_000_000 })
      const { app, telemetry } = node.service
      let sent = 0
      const client = async (last: number) => {
        while (sent < last) await (await app.fetch(inventedCall(sent++, key))).text()
      }
      const send = (last: number) => Promise.all(Array.from({ length: 8 }, () => client(last)))
      await send(2_000)
      // What is written behind the requests' backs, the audit log and the use of keys, has its series by then too.
      const wrote = async (operation: string, table: string) =>
        total(await telemetry.metrics.render(), 'tokmesh_db_queries_total', { operation, table }) > 0
      await until(async () => (await wrote('insert', 'audit_log')) && (await wrote('update', 'api_keys')))
      const early = await telemetry.metrics.render()
      const earlyBytes = await usedHeapBytes()
      await send(20_000)
      const text = await telemetry.metrics.render()
      expect((await usedHeapBytes()) - earlyBytes).toBeLessThan(8 * 1024 ** 2)
      expect(seriesOf(text)).toEqual(seriesOf(early))
      const requests = 'tokmesh_api_request_duration_seconds_count'
      expect(total(text, requests)).toBe(20_000 + 1)
      const statuses = ['200', '400', '401', '404', '405', '429', '500', '503']
      const seen = statuses.filter((status) => total(text, requests, { status }) > 0)
      expect(seen).toEqual(['200', '400', '401', '404', '405'])
      expect(total(text, requests, { method: '_OTHER' })).toBeGreaterThan(0)
      expect(total(text, 'tokmesh_auth_failures_total', { reason: 'invalid_key' })).toBeGreaterThan(0)
      expect(text).not.toMatch(/invented/i)
    } finally {
      await node.stop()
    }
  }, 240_000)
})
