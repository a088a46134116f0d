import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type PeerCertificate } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refuseUnread } from '../http/refusal.ts'
import { type Fetch, type ListenOptions, listen, type TlsFiles } from '../listener.ts'
import { newAuthority, newPair, type Pair, pairFolder } from '../testing/certificates.ts'
import { answersIn, askHttp2, openHttp2, talk } from '../testing/wire.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`

let [authority, first, second, stranger]: Pair[] = []
beforeAll(async () => {
  authority = await newAuthority('authority')
  ;[first, second] = await Promise.all([newPair('first', authority), newPair('second', authority)])
  stranger = await newPair('stranger', await newAuthority('other authority'))
})
const pairs = () => {
  if (!authority || !first || !second || !stranger) throw new Error('not made')
  return { authority, first, second, stranger }
}

const ends: (() => unknown)[] = []
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

const echo: Fetch = async (request, env) => {
  const { incoming } = env as { incoming: { httpVersion: string; socket: { remoteAddress: string } } }
  const length = request.method === 'POST' ? (await request.arrayBuffer()).byteLength : 0
  return Response.json({ url: request.url, version: incoming.httpVersion, ip: incoming.socket.remoteAddress, length })
}

/** A port with the certificate `first`, in a folder of its own. */
async function start(more: Partial<ListenOptions> = {}, tls: Partial<TlsFiles> = {}) {
  const files = pairFolder(pairs().first)
  ends.push(files.remove)
  const reloads: (Error | undefined)[] = []
  const { certFile, keyFile } = files
  const listener = await listen({
    ...{ fetch: echo, host: '127.0.0.1', port: 0, refuse: refuseUnread, ...more },
    tls: { certFile, keyFile, clientCaFile: undefined, onReload: (error) => reloads.push(error), ...tls },
  })
  ends.push(() => listener.close())
  return { ...files, listener, port: listener.port, reloads }
}

const trust = () => ({ ca: pairs().authority.cert })

/** What a new connection is shown: the subject of the certificate, the protocols. */
function handshake(port: number, more: object = {}): Promise<{ name: string; alpn: unknown; version: string | null }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ...trust(), ALPNProtocols: ['h2', 'http/1.1'], ...more }, () => {
      const { subject } = socket.getPeerCertificate() as PeerCertificate
      resolve({ name: String(subject.CN), alpn: socket.alpnProtocol, version: socket.getProtocol() })
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

describe('a port with TLS', () => {
  it('speaks HTTP/2 and HTTP/1.1 as the client likes, from TLS 1.2 on', async () => {
    const { port } = await start()
    expect(await handshake(port)).toEqual({ name: 'first', alpn: 'h2', version: 'TLSv1.3' })
    expect(await handshake(port, { ALPNProtocols: ['http/1.1'] })).toMatchObject({ alpn: 'http/1.1' })
    expect(await handshake(port, { ALPNProtocols: undefined })).toMatchObject({ alpn: false })
    expect(await handshake(port, { maxVersion: 'TLSv1.2' })).toMatchObject({ version: 'TLSv1.2' })
    await expect(handshake(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).rejects.toThrow()
    await expect(handshake(port, { ALPNProtocols: ['spdy/3'] })).rejects.toThrow()

    const session = await openHttp2(port, trust())
    const { status, body } = await askHttp2(session, 'GET', '/a?b=1')
    expect([status, JSON.parse(body)]).toEqual([
      200,
      { url: `https://127.0.0.1:${port}/a?b=1`, version: '2.0', ip: '127.0.0.1', length: 0 },
    ])
    const large = await askHttp2(session, 'POST', '/', { body: 'x'.repeat(300_000) })
    expect(JSON.parse(large.body)).toMatchObject({ length: 300_000 })
    session.destroy()

    const { text } = await talk(get('/c', 'Connection: close\r\n'), { port, tls: trust() })
    const [answer] = answersIn(text)
    expect(JSON.parse(answer?.body ?? '')).toEqual({ url: 'https://x/c', version: '1.1', ip: '127.0.0.1', length: 0 })
    expect(answer?.headers['content-length']).toBe(String(answer?.body.length))
  })

  it('answers nobody who does not speak TLS, and lets nobody wait for ever', async () => {
    const { port } = await start({ limits: { headersTimeoutMs: 300 } })
    expect(await talk(get('/'), { port })).toMatchObject({ text: '' })
    expect(await talk('', { port, patienceMs: 20_000 })).toMatchObject({ end: 'closed' })
  }, 30_000)

  it('asks for a client certificate when there is an authority for them, and looks at it', async () => {
    const { folder } = await start()
    const clientCaFile = join(folder, 'ca.crt')
    writeFileSync(clientCaFile, pairs().authority.cert)
    const { port } = await start({}, { clientCaFile })
    const withPair = (pair: Pair | undefined) =>
      talk(get('/', 'Connection: close\r\n'), { port, tls: { ...trust(), ...pair, ALPNProtocols: ['http/1.1'] } })
    expect((await withPair(pairs().second)).text).toMatch(/^HTTP\/1.1 200 /)
    expect((await withPair(undefined)).text).toBe('')
    expect((await withPair(pairs().stranger)).text).toBe('')
    const session = await openHttp2(port, { ...trust(), ...pairs().second })
    expect((await askHttp2(session, 'GET', '/')).status).toBe(200)
    session.destroy()
  })
})

describe('files that cannot be used', () => {
  it.each([
    ['a missing certificate', 'TM-CFG-1003', 'cert_file', ({ certFile }: Files) => unlinkSync(certFile)],
    ['a missing key', 'TM-CFG-1003', 'key_file', ({ keyFile }: Files) => unlinkSync(keyFile)],
    ['a folder', 'TM-CFG-1003', 'cert_file', ({ certFile }: Files) => folderInstead(certFile)],
    ['text', 'TM-CFG-1007', 'cert_file', ({ certFile }: Files) => writeFileSync(certFile, 'hush')],
    ['an empty file', 'TM-CFG-1007', 'cert_file', ({ certFile }: Files) => writeFileSync(certFile, '')],
    [
      'a key for a certificate',
      'TM-CFG-1007',
      'cert_file',
      ({ certFile, keyFile }: Files) => copyFileSync(keyFile, certFile),
    ],
    ['a broken key', 'TM-CFG-1007', 'key_file', ({ keyFile }: Files) => writeFileSync(keyFile, 'hush')],
    [
      'a broken chain',
      'TM-CFG-1007',
      'cert_file',
      ({ certFile }: Files) =>
        writeFileSync(certFile, `${pairs().first.cert}\n${pairs().second.cert.replace(/M/g, 'N')}`),
    ],
    [
      'the key of another',
      'TM-CFG-1007',
      'key_file',
      ({ keyFile }: Files) => writeFileSync(keyFile, pairs().second.key),
    ],
  ])('%s stops the start with %s and names %s', async (_, code, field, spoil) => {
    const files = pairFolder(pairs().first)
    ends.push(files.remove)
    spoil(files)
    const { certFile, keyFile } = files
    const tls = { certFile, keyFile, clientCaFile: undefined, onReload: () => {} }
    const error = await listen({ fetch: echo, host: '127.0.0.1', port: 0, refuse: refuseUnread, tls }).catch((e) => e)
    expect(error).toMatchObject({ code, field: `server.https.tls.${field}` })
    expect(error.message).toContain(field === 'cert_file' ? certFile : keyFile)
    expect(JSON.stringify([error.message, String(error.cause ?? '')])).not.toMatch(/hush|BEGIN/)
  })

  it('a client authority too', async () => {
    await expect(start({}, { clientCaFile: '/nowhere/ca.crt' })).rejects.toMatchObject({ code: 'TM-CFG-1003' })
    const { keyFile } = await start()
    await expect(start({}, { clientCaFile: keyFile })).rejects.toMatchObject({
      ...{ code: 'TM-CFG-1007', field: 'server.https.tls.client_ca_file' },
    })
  })

  it.skipIf(process.getuid?.() === 0)('a file that is not to be read (not as root, who reads all)', async () => {
    const { keyFile, certFile } = pairFolder(pairs().first)
    chmodSync(keyFile, 0o000)
    const tls = { certFile, keyFile, clientCaFile: undefined, onReload: () => {} }
    const start = listen({ fetch: echo, host: '127.0.0.1', port: 0, refuse: refuseUnread, tls })
    await expect(start).rejects.toMatchObject({ code: 'TM-CFG-1004' })
  })
})

const folderInstead = (file: string) => {
  unlinkSync(file)
  mkdirSync(file)
}

interface Files {
  readonly certFile: string
  readonly keyFile: string
}

/** Waits until `look` is true, for the 5 s that the contract gives. */
async function within5s(look: () => Promise<boolean> | boolean): Promise<number> {
  const startedAt = performance.now()
  while (!(await look())) {
    if (performance.now() - startedAt > 5000) throw new Error('not within 5 s')
    await pause(50)
  }
  return performance.now() - startedAt
}

describe('new certificates', () => {
  const shows = (port: number, name: string) => async () => (await handshake(port)).name === name

  it('are shown to new connections within 5 s, and no connection is lost', async () => {
    const { port, certFile, keyFile, reloads } = await start()
    const session = await openHttp2(port, trust())
    await askHttp2(session, 'GET', '/')
    writeFileSync(certFile, pairs().second.cert)
    // Longer than a look at the files: the pair doesn't fit meanwhile, which is no failure.
    await pause(1200)
    writeFileSync(keyFile, pairs().second.key)
    await within5s(shows(port, 'second'))
    expect((await askHttp2(session, 'GET', '/')).status).toBe(200)
    session.destroy()
    expect(reloads).toEqual([undefined])
  })

  it('are noticed although they came while the port was being opened', async () => {
    const { certFile, keyFile, remove } = pairFolder(pairs().first)
    ends.push(remove)
    const reloads: (Error | undefined)[] = []
    const options = { fetch: echo, port: 0, refuse: refuseUnread }
    const listener = await listen({
      ...options,
      // Asked for when the port is opened: the files have been read.
      get host() {
        writeFileSync(certFile, pairs().second.cert)
        writeFileSync(keyFile, pairs().second.key)
        return '127.0.0.1'
      },
      tls: { certFile, keyFile, clientCaFile: undefined, onReload: (error) => reloads.push(error) },
    })
    ends.push(() => listener.close())
    expect((await handshake(listener.port)).name).toBe('first')
    await within5s(shows(listener.port, 'second'))
    expect(reloads).toEqual([undefined])
  })

  it('are noticed when they are renamed over the old ones', async () => {
    const { port, folder, certFile, keyFile, reloads } = await start()
    const [newCert, newKey] = [join(folder, 'new.crt'), join(folder, 'new.key')]
    writeFileSync(newCert, pairs().second.cert)
    writeFileSync(newKey, pairs().second.key)
    renameSync(newKey, keyFile)
    renameSync(newCert, certFile)
    await within5s(shows(port, 'second'))
    expect(reloads).toEqual([undefined])
  })

  it('are noticed in a Kubernetes volume, where a linked folder is swapped', async () => {
    const { folder } = pairFolder(pairs().first)
    ends.push(() => rmSync(folder, { recursive: true }))
    const put = (version: string, { cert, key }: Pair) => {
      mkdirSync(join(folder, version))
      writeFileSync(join(folder, version, 'tls.crt'), cert)
      writeFileSync(join(folder, version, 'tls.key'), key)
      symlinkSync(version, join(folder, '..data_tmp'))
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    }
    put('..v1', pairs().first)
    for (const name of ['tls.crt', 'tls.key']) {
      unlinkSync(join(folder, name))
      symlinkSync(join('..data', name), join(folder, name))
    }
    const files = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') }
    const { port, reloads } = await start({}, files)
    put('..v2', pairs().second)
    rmSync(join(folder, '..v1'), { recursive: true })
    await within5s(shows(port, 'second'))
    expect(reloads).toEqual([undefined])
  })

  it('that are broken leave the old ones in use, count once, and are tried again at the next change', async () => {
    const { port, certFile, keyFile, reloads } = await start()
    writeFileSync(keyFile, pairs().second.key)
    await within5s(() => reloads.length === 1)
    expect(reloads[0]).toMatchObject({ code: 'TM-CFG-1007' })
    expect((await handshake(port)).name).toBe('first')
    await pause(1500)
    unlinkSync(certFile)
    await within5s(() => reloads.length === 2)
    expect(reloads[1]).toMatchObject({ code: 'TM-CFG-1003' })
    expect((await handshake(port)).name).toBe('first')
    writeFileSync(certFile, pairs().second.cert)
    await within5s(shows(port, 'second'))
    expect(reloads).toHaveLength(3)
    expect(reloads[2]).toBeUndefined()
  }, 30_000)

  it('of the client authority count too', async () => {
    const { folder } = await start()
    const clientCaFile = join(folder, 'ca.crt')
    writeFileSync(clientCaFile, pairs().authority.cert)
    const { port, reloads } = await start({}, { clientCaFile })
    const ask = async () => {
      const tls = { ...trust(), ...pairs().second, ALPNProtocols: ['http/1.1'] }
      return (await talk(get('/', 'Connection: close\r\n'), { port, tls })).text
    }
    expect(await ask()).toMatch(/^HTTP\/1.1 200 /)
    writeFileSync(clientCaFile, (await newAuthority('yet another')).cert)
    await within5s(() => reloads.length === 1)
    expect(reloads).toEqual([undefined])
    expect(await ask()).toBe('')
  })
})

describe('the end', () => {
  it('lets every request be answered that was asked, in both protocols, and then there is no connection', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const { port, listener } = await start({
      fetch: async (request, env) => {
        if (request.url.endsWith('/slow')) await gate
        return echo(request, env)
      },
    })
    const session = await openHttp2(port, trust())
    const goaway = new Promise<void>((resolve) => session.once('goaway', () => resolve()))
    const slow = askHttp2(session, 'GET', '/slow')
    const idle = talk('', { port, tls: trust(), patienceMs: 20_000 })
    const keptAlive = talk(get('/slow'), { port, tls: trust(), patienceMs: 20_000 })
    await pause(300)
    let stopped = false
    const stopping = listener.stopAccepting().then(() => {
      stopped = true
    })
    await goaway
    await pause(300)
    await expect(handshake(port)).rejects.toThrow()
    expect(stopped).toBe(false)
    release()
    expect((await slow).status).toBe(200)
    expect((await keptAlive).text).toMatch(/^HTTP\/1.1 200 .*connection: close/is)
    await idle
    await stopping
    expect(session.closed || session.destroyed).toBe(true)
  }, 30_000)

  it('can be at once', async () => {
    const { port, listener } = await start()
    const [session, idle] = [await openHttp2(port, trust()), talk('', { port, patienceMs: 20_000 })]
    const closed = new Promise<void>((resolve) => session.once('close', () => resolve()))
    await pause(100)
    await listener.close()
    await closed
    expect((await idle).tookMs).toBeLessThan(10_000)
    await expect(handshake(port)).rejects.toThrow()
  })
})

it('says which address is taken', async () => {
  const { port } = await start()
  await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
