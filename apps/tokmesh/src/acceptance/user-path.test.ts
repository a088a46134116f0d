import { request } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { adminKey, type Node, startNode } from './support.ts'

let node: Node
beforeAll(async () => {
  node = await startNode('embedded')
})
afterAll(() => node.stop())

const create = async (user_id: string) =>
  (await node.call('POST', '/sessions', { key: adminKey, body: { user_id } })).data.token

const isValid = async (token: string) =>
  (await node.call('POST', '/tokens/validate', { key: adminKey, body: { token } })).status === 200

/** Sends a path as it is, to a host of any name. */
function post(path: string, host: string): Promise<{ readonly revoked: number | undefined; readonly code: string }> {
  const { port } = new URL(node.url)
  const headers = { Authorization: `Bearer ${adminKey}`, Host: host, 'Content-Length': 0 }
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method: 'POST', path, headers }, (answer) => {
      let text = ''
      answer.on('data', (chunk) => {
        text += chunk
      })
      answer.on('end', () => {
        const { code, data } = JSON.parse(text)
        resolve({ code, revoked: data?.revoked_count })
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}

it.each([
  ['/users/bob/sessions/revoke', 'users'],
  ['/users/bob/sessions/revoke?/users/victim/', '127.0.0.1'],
  ['/%75sers/bob/sessions/revoke?/users/victim/', '127.0.0.1'],
  ['/users/b%6Fb/sessions/revoke', 'users:80'],
])('POST %s at the host %s revokes the sessions of bob, and of nobody else', async (path, host) => {
  const [bob, victim, users] = [await create('bob'), await create('victim'), await create('users')]
  expect(await post(path, host)).toEqual({ code: 'OK', revoked: 1 })
  expect([await isValid(bob), await isValid(victim), await isValid(users)]).toEqual([false, true, true])
  for (const user of ['victim', 'users']) await post(`/users/${user}/sessions/revoke`, '127.0.0.1')
})
