import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTracing } from './index.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
let folder = ''
let server: Server | undefined
let requests = 0
let connections = 0

beforeAll(async () => {
  if (!hasOpenssl) return
  folder = mkdtempSync(join(tmpdir(), 'honoscope-tls-'))
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...subject, ...files], {
    stdio: 'ignore',
  })
  const read = (name: string): Buffer => readFileSync(join(folder, name))
  server = createServer({ key: read('key.pem'), cert: read('cert.pem') }, (request, response) => {
    requests++
    request.resume().on('end', () => response.end('{}'))
  })
  server.on('secureConnection', () => connections++)
  await new Promise<void>((resolve) => server?.listen(0, 'localhost', resolve))
})

afterAll(() => {
  server?.close()
  server?.closeAllConnections()
  if (folder) rmSync(folder, { recursive: true })
})

/** Exports three times, and returns how that went and what the log was told. */
async function exportThrice(certificate?: string) {
  const log: string[] = []
  if (server === undefined) throw new Error('there is no server')
  const { port } = server.address() as AddressInfo
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `https://user:secret@localhost:${port}` }
  const tracing = await createTracing({
    env: certificate ? { ...env, OTEL_EXPORTER_OTLP_CERTIFICATE: certificate } : env,
    log: (message) => log.push(message),
  })
  const flushed: boolean[] = []
  for (let i = 0; i < 3; i++) {
    tracing.tracer.startSpan('work').end()
    flushed.push(await tracing.flush(2000))
  }
  await tracing.shutdown(500)
  return { flushed, log }
}

it.skipIf(!hasOpenssl)(
  'exports by TLS to whom a given certificate vouches for, over one connection (needs openssl)',
  async () => {
    const { flushed, log } = await exportThrice(join(folder, 'cert.pem'))
    expect(flushed).toEqual([true, true, true])
    expect(log).toEqual([])
    expect([requests, connections]).toEqual([3, 1])
  },
)

it.skipIf(!hasOpenssl)(
  'sends nothing to whom nobody vouches for, and tells no credentials (needs openssl)',
  async () => {
    requests = 0
    const { flushed, log } = await exportThrice()
    expect(flushed).toEqual([false, false, false])
    expect(requests).toBe(0)
    expect(log.length).toBe(1)
    expect(log.join()).not.toContain('secret')
  },
)
