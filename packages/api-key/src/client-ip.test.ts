import { serve } from '@honoscope/testing'
import { type Context, Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { type ClientAddress, type ClientIpOptions, createClientIp } from './index.ts'

async function ask(options: ClientIpOptions, headers: Record<string, string>, env?: object): Promise<ClientAddress> {
  const clientIp = createClientIp(options)
  const app = new Hono().get('/', (c) => c.json(clientIp(c)))
  return (await app.request('/', { headers }, env)).json()
}

const peer = '10.0.0.1'
const behindProxy = (headers: Record<string, string>): Promise<ClientAddress> =>
  ask({ trustedProxies: ['10.0.0.0/8'], peerAddress: () => peer }, headers)

describe('createClientIp', () => {
  it('A78: ignores forged forwarding headers by default', async () => {
    const forged = { forwarded: 'for=1.1.1.1', 'x-forwarded-for': '2.2.2.2', 'x-real-ip': '3.3.3.3' }
    expect(await ask({ peerAddress: () => peer }, forged)).toEqual({ client: peer, peer })
    expect(await ask({ trustedProxies: ['10.0.0.2'], peerAddress: () => peer }, forged)).toEqual({ client: peer, peer })
  })

  it.each([
    ['the first of X-Forwarded-For', { 'x-forwarded-for': '203.0.113.7, 10.0.0.3' }, '203.0.113.7'],
    ['the left-most that is not empty', { 'x-forwarded-for': ' , ,203.0.113.7' }, '203.0.113.7'],
    ['an address without its port', { 'x-forwarded-for': '203.0.113.7:4711' }, '203.0.113.7'],
    ['IPv6 in brackets with a port', { 'x-forwarded-for': '[2001:DB8::0:1]:4711' }, '2001:db8::1'],
    ['IPv6 in brackets', { 'x-forwarded-for': '[2001:db8::1]' }, '2001:db8::1'],
    ['bare IPv6', { 'x-forwarded-for': '2001:db8::1' }, '2001:db8::1'],
    ['mapped IPv4 as IPv4', { 'x-forwarded-for': '::ffff:203.0.113.7' }, '203.0.113.7'],
    ['the peer for a port that is none', { 'x-forwarded-for': '1.2.3.4:99999' }, peer],
    ['IPv6 without its zone', { 'x-forwarded-for': 'fe80::1%eth0' }, 'fe80::1'],
    ['X-Real-IP when it is alone', { 'x-real-ip': '203.0.113.7' }, '203.0.113.7'],
    ['Forwarded before the others', { forwarded: 'for=203.0.113.1', 'x-forwarded-for': '203.0.113.2' }, '203.0.113.1'],
    [
      'X-Forwarded-For before X-Real-IP',
      { 'x-forwarded-for': '203.0.113.2', 'x-real-ip': '203.0.113.3' },
      '203.0.113.2',
    ],
    ['any case and order in Forwarded', { forwarded: 'proto=https; By=10.0.0.9;FOR="203.0.113.1"' }, '203.0.113.1'],
    ['quoted IPv6 with a port', { forwarded: 'for="[2001:db8:cafe::17]:4711"' }, '2001:db8:cafe::17'],
    ['unquoted address with a port', { forwarded: 'for=203.0.113.1:80;proto=http' }, '203.0.113.1'],
    ['the first element only', { forwarded: 'for=203.0.113.1, for=203.0.113.2' }, '203.0.113.1'],
    ['quotes that hide a comma and a semicolon', { forwarded: 'by="a,b;for=1.1.1.1";for=203.0.113.1' }, '203.0.113.1'],
    ['escapes in quotes', { forwarded: 'for="203.0.113.\\1"' }, '203.0.113.1'],
    [
      'the next header when Forwarded hides',
      { forwarded: 'for=_hidden', 'x-forwarded-for': '203.0.113.2' },
      '203.0.113.2',
    ],
    [
      'the next header when Forwarded is broken',
      { forwarded: 'for="1.1.1.1', 'x-real-ip': '203.0.113.3' },
      '203.0.113.3',
    ],
    ['the peer for `unknown`', { forwarded: 'for=unknown' }, peer],
    ['the peer, not the second in line', { 'x-forwarded-for': 'unknown, 203.0.113.2' }, peer],
    ['the peer, not the second element', { forwarded: 'proto=http, for=203.0.113.2' }, peer],
    ['the peer for octal', { 'x-forwarded-for': '010.0.0.1' }, peer],
    ['the peer for a bad port', { 'x-forwarded-for': '203.0.113.7:port' }, peer],
    ['the peer for IPv4 in brackets', { 'x-forwarded-for': '[203.0.113.7]' }, peer],
    ['the peer for a name', { 'x-real-ip': 'example.com' }, peer],
    ['the peer without any header', {}, peer],
  ])('takes %s', async (_, headers, client) => {
    expect(await behindProxy(headers as Record<string, string>)).toEqual({ client, peer })
  })

  it('normalises the peer, and knows a trusted one in its mapped form', async () => {
    expect(await ask({ peerAddress: () => '::ffff:192.0.2.1' }, {})).toEqual({ client: '192.0.2.1', peer: '192.0.2.1' })
    const mapped = { trustedProxies: ['10.0.0.1'], peerAddress: () => '::ffff:10.0.0.1' }
    expect(await ask(mapped, { 'x-real-ip': '203.0.113.3' })).toEqual({ client: '203.0.113.3', peer: '10.0.0.1' })
  })

  it('has an empty address where nobody tells one', async () => {
    expect(await ask({}, { 'x-real-ip': '203.0.113.3' })).toEqual({ client: '', peer: '' })
    expect(await ask({ trustedProxies: ['0.0.0.0/0'] }, { 'x-real-ip': '203.0.113.3' })).toEqual({
      client: '',
      peer: '',
    })
  })

  it('reads the environments of @hono/node-server and Bun', async () => {
    const incoming = { socket: { remoteAddress: '192.0.2.8' } }
    const server = { requestIP: () => ({ address: '192.0.2.9' }) }
    expect((await ask({}, {}, { incoming })).client).toBe('192.0.2.8')
    expect((await ask({}, {}, { server: { incoming } })).client).toBe('192.0.2.8')
    expect((await ask({}, {}, server)).client).toBe('192.0.2.9')
    expect((await ask({}, {}, { server })).client).toBe('192.0.2.9')
    expect((await ask({}, {}, { requestIP: () => null })).client).toBe('')
  })

  it('finds the peer of a real connection', async () => {
    const clientIp = createClientIp({ trustedProxies: ['127.0.0.1'] })
    const app = new Hono().get('/', (c: Context) => c.json(clientIp(c)))
    const served = await serve(app.fetch)
    const direct = await fetch(served.url)
    expect(await direct.json()).toEqual({ client: '127.0.0.1', peer: '127.0.0.1' })
    const forwarded = await fetch(served.url, { headers: { forwarded: 'for="[2001:db8::1]:1"' } })
    expect(await forwarded.json()).toEqual({ client: '2001:db8::1', peer: '127.0.0.1' })
    await served.stop()
  })

  it('names the option and the entry when the setup is wrong', () => {
    expect(() => createClientIp({ trustedProxies: ['10.0.0.0/8', 'proxy.local'] })).toThrow(
      /trustedProxies.*"proxy.local"/,
    )
  })
})
