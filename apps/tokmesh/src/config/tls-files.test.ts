import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runtime } from '@honoscope/testing'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificate } from '../cli/doctor/settings.ts'
import { describeProblem, readConfig } from '../config.ts'
import { refuseUnread } from '../http/refusal.ts'
import { listen } from '../listener.ts'
import { newAuthority, newPair } from '../testing/certificates.ts'
import { tlsProblems } from './tls-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'tokmesh-tls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A matter for TLS itself, which is not the same in both runtimes. */
const tooShort = runtime === 'node' ? 'TM-CFG-1007' : 'ok'

beforeAll(async () => {
  const authority = await newAuthority('tests')
  const [one, other] = await Promise.all([newPair('one', authority), newPair('other', authority)])
  const files = { 'ca.pem': authority.cert, 'cert.pem': one.cert, 'key.pem': one.key, 'other.pem': other.key }
  const short = await generate([{ name: 'commonName', value: 'short' }], { keySize: 512, algorithm: 'sha256' })
  const locked = createPrivateKey(one.key).export({
    ...{ type: 'pkcs8', format: 'pem' },
    cipher: 'aes-256-cbc',
    passphrase: 'hush',
  })
  const more = {
    'chain.pem': `Leaf:\n${one.cert}\nAuthority:\n${authority.cert}`,
    'broken-chain.pem': `${one.cert}\n${authority.cert.replace(/M/g, 'N')}`,
    'cut-chain.pem': `${one.cert}\n${authority.cert.slice(0, 300)}`,
    'short.pem': short.cert,
    'short-key.pem': short.private,
    'locked.pem': String(locked),
  }
  for (const [name, text] of Object.entries({ ...files, ...more, 'junk.pem': 'hush' }))
    writeFileSync(join(folder, name), text)
  symlinkSync('loop.pem', join(folder, 'loop.pem'))
})

const reading = (cert: string, key: string, ca = '') =>
  readConfig({
    TOKMESH_SERVER_HTTPS_ENABLED: 'true',
    TOKMESH_SERVER_HTTPS_TLS_CERT_FILE: join(folder, cert),
    TOKMESH_SERVER_HTTPS_TLS_KEY_FILE: join(folder, key),
    ...(ca && { TOKMESH_SERVER_HTTPS_TLS_CLIENT_CA_FILE: join(folder, ca) }),
  })
const [certField, keyField, caField] = ['CERT', 'KEY', 'CLIENT_CA'].map(
  (name) => `TOKMESH_SERVER_HTTPS_TLS_${name}_FILE`,
)

describe('the files of the TLS listener', () => {
  it.each([
    ['cert.pem', 'key.pem', '', []],
    ['cert.pem', 'key.pem', 'ca.pem', []],
    ['none.pem', 'key.pem', '', [`TM-CFG-1003 ${certField}`]],
    ['cert.pem', '.', '', [`TM-CFG-1003 ${keyField}`]],
    ['loop.pem', 'key.pem', '', [`TM-CFG-1004 ${certField}`]],
    ['junk.pem', 'junk.pem', 'junk.pem', [certField, keyField, caField].map((field) => `TM-CFG-1007 ${field}`)],
    ['key.pem', 'cert.pem', '', [certField, keyField].map((field) => `TM-CFG-1007 ${field}`)],
    ['cert.pem', 'other.pem', '', [`TM-CFG-1007 ${keyField}`]],
  ])('certificate %s, key %s, authorities "%s": %j', (cert, key, ca, expected) => {
    const problems = tlsProblems(reading(cert, key, ca))
    expect(problems.map(({ code, field }) => `${code} ${field}`)).toEqual(expected)
    const text = problems.map(describeProblem).join('\n')
    expect(text).not.toMatch(/hush|BEGIN/)
    // The paths of files are shown, those of key files too.
    for (const { value } of problems) expect(value).toContain(folder)
  })

  it.each([
    ['cert.pem', 'key.pem', '', 'ok'],
    ['chain.pem', 'key.pem', 'chain.pem', 'ok'],
    // The key is of 512 bits.
    ['short.pem', 'short-key.pem', '', tooShort],
    ['broken-chain.pem', 'key.pem', '', 'TM-CFG-1007'],
    ['cut-chain.pem', 'key.pem', '', 'TM-CFG-1007'],
    ['cert.pem', 'key.pem', 'broken-chain.pem', 'TM-CFG-1007'],
    ['cert.pem', 'key.pem', 'cut-chain.pem', 'TM-CFG-1007'],
    ['cert.pem', 'key.pem', 'key.pem', 'TM-CFG-1007'],
    ['cert.pem', 'locked.pem', '', 'TM-CFG-1007'],
    ['cert.pem', 'other.pem', '', 'TM-CFG-1007'],
    ['.', 'key.pem', '', 'TM-CFG-1003'],
    ['cert.pem', 'cert.pem/key.pem', '', 'TM-CFG-1003'],
    ['cert.pem', 'key.pem', '.', 'TM-CFG-1003'],
    ['loop.pem', 'key.pem', '', 'TM-CFG-1004'],
  ])(
    'are judged as the listener does: certificate %s, key %s, authorities "%s": %s',
    async (cert, key, ca, expected) => {
      const [certFile, keyFile, caFile] = [cert, key, ca].map((name) => join(folder, name))
      const tls = { certFile: certFile ?? '', keyFile: keyFile ?? '', clientCaFile: ca ? caFile : undefined }
      const taken = await listen({
        ...{ fetch: () => new Response(), host: '127.0.0.1', port: 0, refuse: refuseUnread },
        tls: { ...tls, onReload: () => {} },
      }).then(
        (listener) => listener.close().then(() => 'ok'),
        ({ code }) => code,
      )
      const [problem] = tlsProblems(reading(cert, key, ca))
      expect([problem?.code ?? 'ok', taken]).toEqual([expected, expected])
    },
  )

  it('are not looked at while HTTPS is disabled', () => {
    expect(tlsProblems(readConfig({ TOKMESH_SERVER_HTTPS_TLS_CERT_FILE: '/nowhere' }))).toEqual([])
  })

  it('are told of by the doctor: valid, about to expire, expired, of the future', () => {
    const [{ found = '' } = {}] = certificate(reading('cert.pem', 'key.pem'))
    const until = Date.parse(found.slice(-10))
    const statusAt = (now: number) => certificate(reading('cert.pem', 'key.pem'), now).map(({ status }) => status)
    const day = 86_400_000
    expect(statusAt(until - 10 * day)).toEqual(['warn'])
    expect(statusAt(until + 2 * day)).toEqual(['fail'])
    expect(statusAt(0)).toEqual(['fail'])
  })
})
