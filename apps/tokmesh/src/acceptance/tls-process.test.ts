import { writeFileSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import { newAuthority, newPair, pairFolder } from '../testing/certificates.ts'
import { askHttp2, openHttp2, talk } from '../testing/wire.ts'
import { type Child, freePort, startChild } from './child.ts'
import { adminKey as key, metricsKey, pause } from './support.ts'

const ends: (() => unknown)[] = []
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

/** The service as a process, with a TLS port. */
async function start() {
  const authority = await newAuthority('authority')
  const [first, second] = [await newPair('first', authority), await newPair('second', authority)]
  const files = pairFolder(first)
  ends.push(files.remove)
  const port = await freePort()
  const child: Child = await startChild({
    TOKMESH_STORAGE_DATA_DIR: 'memory://',
    TOKMESH_BOOTSTRAP_ADMIN_KEY: key,
    TOKMESH_BOOTSTRAP_METRICS_KEY: metricsKey,
    TOKMESH_SERVER_HTTPS_ENABLED: 'true',
    TOKMESH_SERVER_HTTPS_ADDRESS: `127.0.0.1:${port}`,
    TOKMESH_SERVER_HTTPS_TLS_CERT_FILE: files.certFile,
    TOKMESH_SERVER_HTTPS_TLS_KEY_FILE: files.keyFile,
  })
  ends.push(() => child.kill('SIGKILL'))
  await child.ready()
  const trust = { ca: authority.cert }
  return { child, port, files, second, trust }
}

it('counts a certificate that cannot be used, logs it, takes the next one, and ends in order', async () => {
  const { child, port, files, second, trust } = await start()
  const failures = async () => {
    const { text } = await child.call('GET', '/metrics', { key: metricsKey })
    return /^tokmesh_tls_reload_failures_total (\d+)$/m.exec(text)?.[1]
  }
  const until = async (look: () => Promise<boolean> | boolean) => {
    for (const startedAt = performance.now(); performance.now() - startedAt < 20_000; await pause(100))
      if (await look()) return
    throw new Error('not in time')
  }
  expect(await failures()).toBe('0')
  writeFileSync(files.certFile, 'hush, this is no certificate')
  await until(async () => (await failures()) === '1')
  expect(child.stdout()).toMatch(/"level":"ERROR".*"event":"config_reloaded".*"status":"failed"/)
  expect(child.stdout()).not.toMatch(/hush|BEGIN/)
  const session = await openHttp2(port, trust)
  expect((await askHttp2(session, 'GET', '/health')).status).toBe(200)

  writeFileSync(files.keyFile, second.key)
  writeFileSync(files.certFile, second.cert)
  await until(() => /"event":"config_reloaded".*"status":"applied"/.test(child.stdout()))
  expect((await askHttp2(session, 'GET', '/health')).status).toBe(200)
  expect(await failures()).toBe('1')

  const goaway = new Promise<void>((resolve) => session.once('goaway', () => resolve()))
  const ended = child.kill('SIGTERM')
  await goaway
  expect(await ended).toBe(0)
  expect(child.stderr()).toBe('')
}, 60_000)

it('answers over TLS what is asked while the signal comes', async () => {
  const { child, port, trust } = await start()
  const body = '{"user_id":"u"}'
  const head = `POST /sessions HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\nContent-Length: ${body.length}\r\n\r\n`
  const slow = talk(head + body.slice(0, 5), {
    ...{ port, tls: trust, patienceMs: 20_000 },
    dribble: { text: body.slice(5), everyMs: 1500, times: 1 },
  })
  await pause(500)
  expect(await child.kill('SIGTERM')).toBe(0)
  expect(await slow).toMatchObject({ end: 'closed', text: expect.stringMatching(/^HTTP\/1.1 201 /) })
}, 60_000)
