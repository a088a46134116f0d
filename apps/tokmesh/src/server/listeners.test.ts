import { connect as connectTcp } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../acceptance/child.ts'
import { readConfig } from '../config.ts'
import { newAuthority, newPair, pairFolder } from '../testing/certificates.ts'
import { openListeners } from './listeners.ts'

let files: ReturnType<typeof pairFolder>
beforeAll(async () => {
  files = pairFolder(await newPair('server', await newAuthority('authority')))
})
afterAll(() => files.remove())

async function configured(httpsPort: number) {
  const port = await freePort()
  const { config, problems } = readConfig({
    TOKMESH_SERVER_HTTP_ADDRESS: `127.0.0.1:${port}`,
    TOKMESH_SERVER_HTTPS_ENABLED: 'true',
    TOKMESH_SERVER_HTTPS_ADDRESS: `127.0.0.1:${httpsPort}`,
    TOKMESH_SERVER_HTTPS_TLS_CERT_FILE: files.certFile,
    TOKMESH_SERVER_HTTPS_TLS_KEY_FILE: files.keyFile,
  })
  expect(problems).toEqual([])
  return { config, port }
}

/** Connects as soon as the port is open, and asks. */
function askEarly(port: number): void {
  const socket = connectTcp(port, '127.0.0.1', () => socket.write('GET /ready HTTP/1.1\r\nHost: x\r\n\r\n'))
  socket.on('error', () => setImmediate(() => askEarly(port)))
}

it('answers nothing on one port before the other is open', async () => {
  const httpsPort = await freePort()
  const { config, port } = await configured(httpsPort)
  const isOpen = () =>
    new Promise<boolean>((resolve) => {
      const socket = connectTcp(httpsPort, '127.0.0.1', () => resolve(Boolean(socket.destroy())))
      socket.on('error', () => resolve(false))
    })
  let answered = (_: Promise<boolean>) => {}
  const found = new Promise<boolean>((resolve) => {
    answered = resolve
  })
  const fetch = () => {
    answered(isOpen())
    return new Response()
  }
  askEarly(port)
  const listeners = await openListeners(
    config,
    fetch,
    () => {},
    () => {},
  )
  expect(await found).toBe(true)
  for (const listener of listeners) await listener.close()
})
