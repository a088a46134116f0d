import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificate } from '../cli/doctor/settings.ts'
import { describeProblem, readConfig } from '../config.ts'
import { newAuthority, newPair } from '../testing/certificates.ts'
import { tlsProblems } from './tls-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'tokmesh-tls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeAll(async () => {
  const authority = await newAuthority('tests')
  const [one, other] = await Promise.all([newPair('one', authority), newPair('other', authority)])
  const files = { 'ca.pem': authority.cert, 'cert.pem': one.cert, 'key.pem': one.key, 'other.pem': other.key }
  for (const [name, text] of Object.entries({ ...files, 'junk.pem': 'hush' })) writeFileSync(join(folder, name), text)
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
