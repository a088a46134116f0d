import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminKey, type CallOptions, databases, type Node, pause, startNode } from './support.ts'

const visible =
  'created_at created_by data device_id expires_at id ip_address last_access_ip last_access_ua last_active ' +
  'user_agent user_id version'

describe.each(databases)('search on %s', (kind) => {
  let node: Node
  let issuer: string
  let other: string
  let validator: string
  /** Ids in the order of creation: 30 of `many`, then 3 of `ada` on 3 devices, one of `bob` with the other key. */
  const ids: Record<'many' | 'ada' | 'bob', string[]> = { many: [], ada: [], bob: [] }
  let adaAt: number[] = []

  const create = async (body: object, options: CallOptions = {}): Promise<string> => {
    const { status, data } = await node.call('POST', '/sessions', { key: issuer, body, ...options })
    expect(status).toBe(201)
    return data.session_id
  }
  const search = (query: string | Record<string, string> = {}, key = adminKey) =>
    node.call('GET', `/sessions?${typeof query === 'string' ? query : new URLSearchParams(query)}`, { key })
  const found = async (query: string | Record<string, string>): Promise<string[]> => {
    const { status, data } = await search(query)
    expect(status).toBe(200)
    expect(data.total_items).toBe(data.items.length)
    return data.items.map((item: { id: string }) => item.id)
  }
  const from = (address: string) => ({ 'X-Forwarded-For': address })

  beforeAll(async () => {
    const trusted = { TOKMESH_SECURITY_NETWORK_TRUSTED_PROXIES: '127.0.0.1' }
    node = await startNode(kind, { TOKMESH_SESSION_QUOTA_MAX_PER_USER: '2000', ...trusted })
    ;[issuer, other, validator] = await Promise.all([
      node.newKey('issuer', { rate_limit: 100_000 }),
      node.newKey('issuer'),
      node.newKey('validator'),
    ])
    for (let i = 0; i < 30; i++) ids.many.push(await create({ user_id: 'many' }))
    for (const [i, address] of ['10.1.2.3', '10.1.9.9', '2001:DB8:0::5'].entries()) {
      await pause(3)
      const body = { user_id: 'ada', device_id: `device ${i}`, data: { n: String(i) } }
      ids.ada.push(await create(body, { headers: from(address) }))
    }
    ids.bob.push(await create({ user_id: 'bob', device_id: 'device 0' }, { key: other, headers: from('10.1.2.3') }))
    adaAt = await Promise.all(
      ids.ada.map(async (id) => (await node.call('GET', `/sessions/${id}`, { key: issuer })).data.created_at),
    )
  })
  afterAll(() => node?.stop())

  it('A42: without parameters it is the first page of 20, the newest first, with every field', async () => {
    const { status, data } = await search()
    expect(status).toBe(200)
    const newestFirst = [...ids.many, ...ids.ada, ...ids.bob].reverse()
    expect(data.items.map((item: { id: string }) => item.id)).toEqual(newestFirst.slice(0, 20))
    expect(data).toMatchObject({ total_items: 34, page: 1, size: 20 })
    for (const item of data.items) expect(Object.keys(item).sort()).toEqual(visible.split(' '))
    const { data: read } = await node.call('GET', `/sessions/${ids.bob[0]}`, { key: adminKey })
    expect(data.items[0]).toEqual(read)
  })

  it('pages follow each other without gaps; past the end there is nothing, and the true total', async () => {
    const all: string[] = []
    for (const page of ['1', '2', '3', '4', '5']) {
      const { data } = await search({ user_id: 'many', size: '7', page, sort_order: 'asc' })
      expect(data).toMatchObject({ total_items: 30, page: Number(page), size: 7 })
      all.push(...data.items.map((item: { id: string }) => item.id))
    }
    expect(all).toEqual(ids.many)
    for (const page of ['6', '0006', '9007199254740991', '9'.repeat(40), '9'.repeat(400)]) {
      const { status, data } = await search({ user_id: 'many', size: '7', page })
      expect([status, data.items, data.total_items]).toEqual([200, [], 30])
    }
    expect((await search({ size: '100' })).data.items).toHaveLength(34)
    expect((await search({ size: '1' })).data.items).toHaveLength(1)
  })

  it('A43: size=10000 is TM-ARG-1001, and the text names 100', async () => {
    for (const size of ['10000', '101']) {
      const answer = await search({ size })
      expect([answer.status, answer.code]).toEqual([400, 'TM-ARG-1001'])
      expect(answer.message).toContain('100')
    }
  })

  it.each([
    ...['size=0', 'size=-1', 'size=1.0', 'size=1e1', 'size=abc', 'size=%2B5', 'size=%205', 'size=0x5', 'size=٥'],
    ...['page=0', 'page=-1', 'page=1.5', 'page=x', 'page=NaN'],
    ...[
      'status=revoked',
      'status=Active',
      'status=active,expired',
      'sort_by=id',
      'sort_by=CREATED_AT',
      'sort_by=expires_at',
    ],
    ...['sort_order=DESC', 'sort_order=up'],
    ...['fields=token_hash', 'fields=shard_id', 'fields=ttl', 'fields=is_deleted', 'fields=ID', 'fields=id,,data'],
    ...['fields=,', 'fields=%20', 'fields=id;data', 'fields=__proto__', 'fields=constructor'],
    ...[
      'ip_address=localhost',
      'ip_address=10.0.0',
      'ip_address=10.0.0.0/33',
      'ip_address=::/129',
      'ip_address=010.0.0.1',
    ],
    ...['ip_address=10.0.0.1:80', 'ip_address=10.0.0.1,10.0.0.2', 'ip_address=fe80::1%25eth0'],
    ...['key_id=tmak-1', 'key_id=tmss-01hzzzzzzzzzzzzzzzzzzzzzza', 'key_id=system'],
    // The Kelvin sign, which lower case makes a k of.
    'key_id=tma%E2%84%AA-01hzzzzzzzzzzzzzzzzzzzzzza',
    ...['time_range_start', 'time_range_end', 'active_after'].flatMap((name) => [
      ...[`${name}=-1`, `${name}=now`, `${name}=1.5`, `${name}=2026-01-01`, `${name}=2026-01-01T00:00:00`],
      ...[`${name}=2026-02-30T00:00:00Z`, `${name}=2026-01-01T24:00:00Z`, `${name}=9007199254740992`],
      // A plus that is not encoded is a blank.
      `${name}=2026-01-01T00:00:00+01:00`,
    ]),
    ...['user_id=%00', 'device_id=a%00b', 'user_id=%ED%A0%80', 'user_id=%ff', 'device_id=%zz', 'user_id=a%'],
    ...[
      'page',
      'size',
      'status',
      'sort_by',
      'sort_order',
      'fields',
      'user_id',
      'device_id',
      'key_id',
      'ip_address',
    ].map((name) => `${name}=1&${name}=1`),
    'user_id=a&user_id=',
  ])('%s is TM-ARG-1001', async (query) => {
    const { status, code, message } = await search(query)
    expect([status, code]).toEqual([400, 'TM-ARG-1001'])
    expect(message).toContain(query.slice(0, query.indexOf('=')))
  })

  it('an empty value counts as absent, an unknown parameter is ignored', async () => {
    const names = 'user_id device_id page size ip_address key_id time_range_start time_range_end active_after'
    const empty = `${names} status sort_by sort_order fields`.split(' ').map((name) => `${name}=`)
    const { status, data } = await search([...empty, 'offset=7', 'Page=x', 'q', 'page[]=2'].join('&'))
    expect(status).toBe(200)
    expect(data).toMatchObject({ total_items: 34, page: 1, size: 20 })
    expect(data.items[0].data).toEqual({})
  })

  it('A44: fields=id,user_id: items hold only these', async () => {
    for (const fields of ['id,user_id', 'user_id', ' user_id , id ', 'user_id,user_id']) {
      const { data } = await search({ user_id: 'ada', fields })
      expect(data.items).toEqual([...ids.ada].reverse().map((id) => ({ id, user_id: 'ada' })))
    }
    const { data } = await search({ user_id: 'ada', fields: 'data', sort_order: 'asc' })
    expect(data.items).toEqual(ids.ada.map((id, i) => ({ id, data: { n: String(i) } })))
    expect(Object.keys((await search({ fields: visible.replaceAll(' ', ',') })).data.items[0]).sort()).toEqual(
      visible.split(' '),
    )
  })

  it('device_id and key_id are exact; a key id is taken in any case', async () => {
    expect(await found({ device_id: 'device 0' })).toEqual([ids.bob[0], ids.ada[0]])
    expect(await found({ device_id: 'Device 0' })).toEqual([])
    expect(await found({ device_id: 'device' })).toEqual([])
    const keyId = other.slice(0, other.indexOf(':'))
    expect(await found({ key_id: keyId })).toEqual(ids.bob)
    expect(await found({ key_id: keyId.toUpperCase() })).toEqual(ids.bob)
    expect(await found({ key_id: 'tmak-01hv3q4k7d0000000000000000' })).toEqual([])
    expect(await found({ user_id: 'Ada' })).toEqual([])
    expect(await found({ user_id: 'x'.repeat(4000) })).toEqual([])
    expect(await found({ user_id: "' or 1=1 --" })).toEqual([])
  })

  it.each([
    ['10.1.2.3', ['bob 0', 'ada 0']],
    ['10.1.2.3/32', ['bob 0', 'ada 0']],
    ['::ffff:10.1.2.3', ['bob 0', 'ada 0']],
    ['10.1.2.200/24', ['bob 0', 'ada 0']],
    ['10.1.0.0/16', ['bob 0', 'ada 1', 'ada 0']],
    ['::FFFF:10.1.0.0/112', ['bob 0', 'ada 1', 'ada 0']],
    ['2001:0db8:0000::0005', ['ada 2']],
    ['2001:db8:ffff::/32', ['ada 2']],
    ['::/0', ['ada 2']],
    ['192.168.0.0/16', []],
  ])('ip_address=%s is compared with the address of the create', async (address, expected) => {
    const names = new Map([...ids.ada.map((id, i) => [id, `ada ${i}`] as const), [ids.bob[0] ?? '', 'bob 0']])
    expect((await found({ ip_address: address })).map((id) => names.get(id))).toEqual(expected)
  })

  it('0.0.0.0/0 is every IPv4 address', async () => {
    expect((await search({ ip_address: '0.0.0.0/0' })).data.total_items).toBe(33)
  })

  it('a time range has its start and not its end; each may stand alone; both forms are the same', async () => {
    const [first = 0, second = 0, third = 0] = adaAt
    const iso = (ms: number) => new Date(ms).toISOString()
    const inZone = (ms: number) => `${iso(ms + 5_400_000).slice(0, -1)}+01:30`
    const [a, b, c] = ids.ada
    for (const form of [String, iso, (ms: number) => iso(ms).toLowerCase(), inZone]) {
      const inRange = (range: object) => found({ user_id: 'ada', ...range })
      expect(await inRange({ time_range_start: form(second) })).toEqual([c, b])
      expect(await inRange({ time_range_start: form(second + 1) })).toEqual([c])
      expect(await inRange({ time_range_end: form(second) })).toEqual([a])
      expect(await inRange({ time_range_end: form(second + 1) })).toEqual([b, a])
      expect(await inRange({ time_range_start: form(first), time_range_end: form(third) })).toEqual([b, a])
      expect(await inRange({ time_range_start: form(first), time_range_end: form(first) })).toEqual([])
    }
  })

  it('a range that ends before it starts is TM-ARG-1003, once its values are right', async () => {
    const range = { time_range_start: '2026-01-01T00:00:00.001Z', time_range_end: '2026-01-01T00:00:00Z' }
    expect((await search(range)).code).toBe('TM-ARG-1003')
    expect((await search({ ...range, status: 'x' })).code).toBe('TM-ARG-1001')
    expect((await search({ ...range, fields: 'x' })).code).toBe('TM-ARG-1001')
  })

  it('A46: user_id and active_after: only sessions of that user that were active then or later', async () => {
    const user = 'touched'
    const made: string[] = []
    for (let i = 0; i < 3; i++) made.push(await create({ user_id: user }))
    await pause(5)
    const { data: touched } = await node.call('POST', `/sessions/${made[0]}/touch`, { key: issuer })
    const at = touched.last_active
    expect(await found({ user_id: user, active_after: String(at) })).toEqual([made[0]])
    expect(await found({ user_id: user, active_after: new Date(at).toISOString() })).toEqual([made[0]])
    expect(await found({ user_id: user, active_after: String(at + 1) })).toEqual([])
    expect(await found({ user_id: user, active_after: '0' })).toHaveLength(3)
    expect((await found({ active_after: String(at) })).filter((id) => ids.ada.includes(id))).toEqual([])
    await node.call('POST', `/users/${user}/sessions/revoke`, { key: issuer })
  })

  it('A47: sort_by=last_active&sort_order=desc never increases', async () => {
    const touch = (id: string | undefined) => node.call('POST', `/sessions/${id}/touch`, { key: issuer })
    for (const i of [7, 3, 21, 3]) {
      await pause(3)
      await touch(ids.many[i])
    }
    const { data } = await search({ user_id: 'many', sort_by: 'last_active', sort_order: 'desc', size: '100' })
    const times = data.items.map((item: { last_active: number }) => item.last_active)
    expect(times).toEqual([...times].sort((a, b) => b - a))
    const newest = data.items.slice(0, 3).map((item: { id: string }) => item.id)
    expect(newest).toEqual([ids.many[3], ids.many[21], ids.many[7]])
    const ascending = await search({ user_id: 'many', sort_by: 'last_active', sort_order: 'asc', size: '100' })
    expect(ascending.data.items).toEqual(data.items.toReversed())
  })

  it('A48: an issuer without user_id is TM-AUTH-4030, whatever else is wrong', async () => {
    for (const query of [
      '',
      'user_id=',
      'user_id=&user_id=',
      'size=10000',
      'fields=x&page=0',
      'time_range_start=9&time_range_end=1',
    ]) {
      const { status, code, details } = await search(query, issuer)
      expect([query, status, code]).toEqual([query, 403, 'TM-AUTH-4030'])
      expect(details.required_role).toEqual(['admin'])
    }
    const own = await search({ user_id: 'ada' }, issuer)
    expect(own.data.items.map((item: { id: string }) => item.id)).toEqual([...ids.ada].reverse())
    // It may look at what another key has made, too.
    expect((await search({ user_id: 'bob' }, issuer)).data.total_items).toBe(1)
    expect((await search('user_id=ada&size=0', issuer)).code).toBe('TM-ARG-1001')
    for (const query of ['', 'user_id=ada', 'size=0'])
      expect((await search(query, validator)).code).toBe('TM-AUTH-4030')
    expect((await node.call('GET', '/sessions?size=0')).code).toBe('TM-AUTH-4010')
  })

  it('the role comes before the rate, and a role refusal takes nothing of the rate', async () => {
    const slow = await node.newKey('issuer', { rate_limit: 1 })
    for (let i = 0; i < 3; i++) expect((await search('', slow)).code).toBe('TM-AUTH-4030')
    expect((await search('user_id=ada', slow)).status).toBe(200)
    expect((await search('user_id=ada', slow)).code).toBe('TM-SYS-4290')
    expect((await search('', slow)).code).toBe('TM-AUTH-4030')
  })

  it('A49: after a bulk revoke a search for that user returns nothing', async () => {
    for (let i = 0; i < 3; i++) await create({ user_id: 'leaver' })
    expect(await found({ user_id: 'leaver' })).toHaveLength(3)
    await node.call('POST', '/users/leaver/sessions/revoke', { key: issuer })
    expect(await found({ user_id: 'leaver' })).toEqual([])
    expect(await found({ user_id: 'leaver', status: 'expired' })).toEqual([])
  })

  it('status: expired sessions are only with the expired, revoked ones with them once they have expired', async () => {
    const short = { user_id: 'short', ttl_seconds: 1 }
    const [first = '', second = ''] = [await create(short), await create(short)]
    const lasting = await create({ user_id: 'short' })
    const away = await create({ user_id: 'short' })
    for (const id of [second, away]) await node.call('POST', `/sessions/${id}/revoke`, { key: issuer })
    expect(await found({ user_id: 'short' })).toEqual([lasting, first])
    expect(await found({ user_id: 'short', status: 'expired' })).toEqual([])
    await pause(1_100)
    expect(await found({ user_id: 'short', status: 'active' })).toEqual([lasting])
    // Before the sweep and behind it.
    for (let i = 0; i < 5; i++, await pause(100)) {
      expect(await found({ user_id: 'short', status: 'expired' })).toEqual([second, first])
    }
    expect(await found({ user_id: 'short', status: 'expired', sort_order: 'asc' })).toEqual([first, second])
    await node.call('POST', '/users/short/sessions/revoke', { key: issuer })
  })

  it('changes nothing, and shows no more than the contract has', async () => {
    const before = await node.row('sessions', ids.ada[0] ?? '')
    const { text } = await search({ user_id: 'ada' })
    expect(await node.row('sessions', ids.ada[0] ?? '')).toEqual(before)
    expect(text).not.toContain('tmth_')
    expect(text).not.toContain('tmtk_')
  })

  it('HEAD is answered, POST with a query is a create, and filters work together', async () => {
    const head = await node.call('HEAD', '/sessions?user_id=ada', { key: adminKey })
    expect([head.status, head.text]).toEqual([200, ''])
    expect((await node.call('HEAD', '/sessions', { key: issuer })).status).toBe(403)
    const [a] = ids.ada
    const keyId = issuer.slice(0, issuer.indexOf(':'))
    const all = { user_id: 'ada', device_id: 'device 0', ip_address: '10.0.0.0/8', key_id: keyId, active_after: '1' }
    expect(await found({ ...all, time_range_start: '0', time_range_end: '9999-12-31T23:59:59Z' })).toEqual([a])
    expect(await found({ ...all, device_id: 'device 2' })).toEqual([])
  })
})
