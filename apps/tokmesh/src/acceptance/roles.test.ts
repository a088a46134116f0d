import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operations } from '../routes/operations.ts'
import { adminKey, databases, type Node, startNode } from './support.ts'

const unknownSession = 'tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'
const unknownKey = 'tmak-01hzzzzzzzzzzzzzzzzzzzzzzx'
const unknownToken = `tmtk_${'A'.repeat(43)}`

const roles = ['metrics', 'validator', 'issuer', 'admin'] as const

/** What a role gets: `-` the refusal for its role, `+` the code in the last column. */
type Row = readonly [
  method: string,
  path: string,
  body: object | undefined,
  who: `${'-' | '+'}${'-' | '+'}${'-' | '+'}${'-' | '+'}`,
  allowed: string,
]

// Columns of the fourth: metrics, validator, issuer, admin. Written from the contract's section 4.0, not from the code.
const matrix: readonly Row[] = [
  ['POST', '/sessions', { user_id: 'u' }, '--++', 'OK'],
  ['GET', `/sessions/${unknownSession}`, undefined, '-+++', 'TM-SESS-4040'],
  ['POST', `/sessions/${unknownSession}/touch`, {}, '--++', 'TM-SESS-4040'],
  ['GET', '/sessions?user_id=u', undefined, '--++', 'OK'],
  ['GET', '/sessions', undefined, '---+', 'OK'],
  ['POST', `/sessions/${unknownSession}/renew`, { ttl_seconds: 60 }, '--++', 'TM-SESS-4040'],
  ['POST', `/sessions/${unknownSession}/revoke`, {}, '--++', 'OK'],
  ['POST', '/users/nobody/sessions/revoke', {}, '--++', 'OK'],
  ['POST', '/tokens/validate', { token: unknownToken }, '-+++', 'TM-TOKN-4010'],
  ['POST', '/tokens/validate', { token: unknownToken, touch: true }, '-+++', 'TM-TOKN-4010'],
  ['GET', '/metrics', undefined, '+--+', ''],
  ['GET', '/admin/v1/status/summary', undefined, '---+', 'OK'],
  ['POST', '/admin/v1/gc/trigger', {}, '---+', 'OK'],
  ['POST', '/admin/v1/keys', { role: 'metrics' }, '---+', 'OK'],
  ['GET', '/admin/v1/keys', undefined, '---+', 'OK'],
  ['POST', `/admin/v1/keys/${unknownKey}/status`, { status: 'active' }, '---+', 'TM-ADMIN-4041'],
  ['POST', `/admin/v1/keys/${unknownKey}/rotate`, {}, '---+', 'TM-ADMIN-4041'],
  ['GET', '/admin/v1/cluster/nodes', undefined, '---+', 'OK'],
  ['GET', '/admin/v1/audit/logs', undefined, '---+', 'OK'],
  ['GET', '/admin/v1/no/such/route', undefined, '---+', 'TM-SYS-4040'],
  ['DELETE', '/admin/v1/keys', undefined, '---+', 'TM-SYS-4050'],
]

/** What nobody needs a key for, and nobody is refused for one. */
const open = [
  ['GET', '/health', 'OK'],
  ['GET', '/ready', 'OK'],
  ['GET', '/health/live', ''],
  ['GET', '/health/ready', ''],
  ['GET', '/health/startup', ''],
  ['GET', '/openapi.json', ''],
  ['GET', '/docs', ''],
  ['GET', '/no/such/route', 'TM-SYS-4040'],
  ['DELETE', '/sessions', 'TM-SYS-4050'],
] as const

describe.each(databases)('role matrix on %s', (kind) => {
  let node: Node
  const credentials = new Map<string, string>()
  beforeAll(async () => {
    node = await startNode(kind)
    for (const role of roles) credentials.set(role, await node.newKey(role))
  })
  afterAll(() => node.stop())

  const codeOf = async (method: string, path: string, key: string | undefined, body?: object) =>
    (await node.call(method, path, { key, body })).code

  const cells = matrix.flatMap((row) => roles.map((role, column) => [role, row, row[3][column] === '+'] as const))

  it.each(cells)('A53 %s: %j', async (role, [method, path, body, , allowed], may) => {
    const refusal = path.startsWith('/admin/') ? 'TM-ADMIN-4030' : 'TM-AUTH-4030'
    expect(await codeOf(method, path, credentials.get(role), body)).toBe(may ? allowed : refusal)
  })

  it.each(matrix)('without a good key nobody reaches %s %s', async (method, path, body) => {
    const [id = ''] = adminKey.split(':')
    const wrong = `tmas_${'x'.repeat(43)}`
    expect(await codeOf(method, path, undefined, body)).toBe('TM-AUTH-4010')
    expect(await codeOf(method, path, 'nonsense', body)).toBe('TM-AUTH-4010')
    expect(await codeOf(method, path, `${id}:${wrong}`, body)).toBe('TM-AUTH-4011')
    expect(await codeOf(method, path, `${unknownKey}:${wrong}`, body)).toBe('TM-AUTH-4011')
  })

  it.each(open)('%s %s is open, and a key sent along is not looked at', async (method, path, code) => {
    for (const key of [undefined, 'nonsense', credentials.get('validator')]) {
      expect(await codeOf(method, path, key)).toBe(code)
    }
  })

  it('has a row for every route', () => {
    const covered = [...matrix, ...open].map(([method, path]) => `${method} ${path.split('?')[0]}`)
    for (const { method, path } of operations) {
      const pattern = new RegExp(`^${method} ${path.replace(/:\w+/g, '[^/]+')}$`)
      expect({ path, covered: covered.some((row) => pattern.test(row)) }).toEqual({ path, covered: true })
    }
  })
})
