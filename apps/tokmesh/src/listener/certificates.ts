/** The files of a listener with TLS: read, checked, and watched for changes. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { TlsFiles } from '../listener.ts'

/** Contents of the files, PEM. */
export interface Certificates {
  readonly cert: string
  readonly key: string
  readonly ca: string | undefined
}

/** A file that is missing (`TM-CFG-1003`), not to be read (`TM-CFG-1004`), or not what it should be (`TM-CFG-1007`). */
export class TlsFileError extends Error {
  override readonly name = 'TlsFileError'
  readonly code: 'TM-CFG-1003' | 'TM-CFG-1004' | 'TM-CFG-1007'
  /** Key of the configuration. */
  readonly field: string
  readonly file: string

  constructor(code: TlsFileError['code'], field: Field, file: string, problem: string, cause?: unknown) {
    super(`server.https.tls.${field} ${file}: ${problem}`, { cause })
    this.code = code
    this.field = `server.https.tls.${field}`
    this.file = file
  }
}

type Field = 'cert_file' | 'key_file' | 'client_ca_file'

/** Reads the files. Rejects with a {@link TlsFileError}, which never holds what is in them. */
export async function readCertificates({ certFile, keyFile, clientCaFile }: TlsFiles): Promise<Certificates> {
  const [cert, key] = await Promise.all([read('cert_file', certFile), read('key_file', keyFile)])
  const ca = clientCaFile === undefined ? undefined : await read('client_ca_file', clientCaFile)
  const leaf = certificatesIn('cert_file', certFile, cert)
  if (ca !== undefined && clientCaFile !== undefined) certificatesIn('client_ca_file', clientCaFile, ca)
  const privateKey = attempt(() => createPrivateKey(key))
  if (!privateKey) throw new TlsFileError('TM-CFG-1007', 'key_file', keyFile, 'no private key that can be used')
  if (!leaf.checkPrivateKey(privateKey))
    throw new TlsFileError('TM-CFG-1007', 'key_file', keyFile, `not the key of the certificate in ${certFile}`)
  // What TLS itself objects to, such as a key that is too short.
  if (!attempt(() => createSecureContext({ cert, key, ...(ca && { ca }) })))
    throw new TlsFileError('TM-CFG-1007', 'cert_file', certFile, 'a certificate that TLS does not take')
  return { cert, key, ca }
}

async function read(field: Field, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new TlsFileError('TM-CFG-1003', field, file, 'there is no such file')
    throw new TlsFileError('TM-CFG-1004', field, file, `it cannot be read (${code})`)
  }
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The first certificate of the file; every one of them is looked at. */
function certificatesIn(field: Field, file: string, pem: string): X509Certificate {
  const all = (pem.match(pemCertificate) ?? []).map((text) => attempt(() => new X509Certificate(text)))
  const [first] = all
  if (!first || all.includes(undefined)) throw new TlsFileError('TM-CFG-1007', field, file, 'not a certificate in PEM')
  return first
}

/** What `make` returns; `undefined` where it throws. Its error may quote the file. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

/** Within these together a change is noticed and tried: 5 s are promised. Milliseconds. */
const pollMs = 500
const settleMs = 2500

/** What a watch needs. */
export interface WatchOptions {
  readonly files: TlsFiles
  /** Puts new certificates to use; may throw. */
  readonly use: (certificates: Certificates) => void
}

/**
 * Looks at the files twice a second, and puts each change to use. Files are compared by what a look from outside
 * shows, links followed, so that renames over them and Kubernetes' swap of a linked folder are noticed.
 *
 * Certificate and key are often replaced one after the other: what doesn't fit is a failure only when it still
 * doesn't after 2.5 s. Returns the end of the watch.
 */
export async function watchCertificates({ files, use }: WatchOptions): Promise<() => void> {
  let seen = await signatureOf(files)
  let changedAt: number | undefined
  let looking = false
  const look = async () => {
    const signature = await signatureOf(files)
    if (signature !== seen) changedAt = performance.now()
    seen = signature
    if (changedAt === undefined) return
    try {
      use(await readCertificates(files))
    } catch (error) {
      if (performance.now() - changedAt < settleMs) return
      changedAt = undefined
      return files.onReload(error instanceof Error ? error : new Error('the certificates cannot be used'))
    }
    changedAt = undefined
    files.onReload(undefined)
  }
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    void look().finally(() => {
      looking = false
    })
  }, pollMs)
  timer.unref()
  return () => clearInterval(timer)
}

async function signatureOf({ certFile, keyFile, clientCaFile }: TlsFiles): Promise<string> {
  const looks = [certFile, keyFile, clientCaFile].map(async (file) => {
    if (file === undefined) return ''
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file)
    return [dev, ino, size, mtimeMs, ctimeMs].join(':')
  })
  const results = await Promise.allSettled(looks)
  return results.map((result) => (result.status === 'fulfilled' ? result.value : 'missing')).join(' ')
}
