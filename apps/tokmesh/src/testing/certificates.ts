/** Certificates for the tests of the listeners. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'

/** A certificate and its key, PEM. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

const ec = { keyType: 'ec', algorithm: 'sha256' } as const

/** An authority named `name`. */
export async function newAuthority(name: string): Promise<Pair> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    ...ec,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  })
  return { cert, key }
}

/** A certificate for 127.0.0.1 that `authority` has signed; `name` is its subject. */
export async function newPair(name: string, authority: Pair): Promise<Pair> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    ...ec,
    ca: authority,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  })
  return { cert, key }
}

/** A folder with the pair in it, and what removes it. */
export function pairFolder({ cert, key }: Pair): {
  readonly folder: string
  readonly certFile: string
  readonly keyFile: string
  remove(): void
} {
  const folder = mkdtempSync(join(tmpdir(), 'tokmesh-tls-'))
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key, { mode: 0o600 })
  return { folder, certFile, keyFile, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
