/** The files of a listener with TLS, read and checked: for the listener, and for those who ask whether it will take them. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createSecureContext, type SecureContextOptions } from 'node:tls'

/** Where the files are. */
export interface TlsPaths {
  /** PEM: the certificate, with its intermediates behind it. */
  readonly certFile: string
  /** PEM: its private key, without a passphrase. */
  readonly keyFile: string
  /** PEM: with it every client has to present a certificate that one of these authorities has signed. */
  readonly clientCaFile: string | undefined
}

/** Contents of the files, PEM. */
export interface Certificates {
  readonly cert: string
  readonly key: string
  readonly ca: string | undefined
}

/** What the listener hands to TLS. */
export function contextOf({ cert, key, ca }: Partial<Certificates>): SecureContextOptions {
  return { ...(cert && { cert }), ...(key && { key }), ...(ca && { ca }), minVersion: 'TLSv1.2' }
}

export type TlsField = 'cert_file' | 'key_file' | 'client_ca_file'

/** A file that is missing (`TM-CFG-1003`), not to be read (`TM-CFG-1004`), or not what it should be (`TM-CFG-1007`). */
export class TlsFileError extends Error {
  override readonly name = 'TlsFileError'
  readonly code: 'TM-CFG-1003' | 'TM-CFG-1004' | 'TM-CFG-1007'
  /** Key of the configuration. */
  readonly field: `server.https.tls.${TlsField}`
  readonly file: string
  /** What is wrong, without the names of the key and of the file. */
  readonly problem: string

  constructor(code: TlsFileError['code'], field: TlsField, file: string, problem: string) {
    super(`server.https.tls.${field} ${file}: ${problem}`)
    this.code = code
    this.field = `server.https.tls.${field}`
    this.file = file
    this.problem = problem
  }
}

/** Reads the files. Throws the first {@link TlsFileError}, which never holds what is in them. */
export function readCertificates(paths: TlsPaths): Certificates {
  const { contents, faults } = examineTlsFiles(paths)
  const [fault] = faults
  if (fault) throw fault
  return contents
}

/** What is in the files, which may be used when nothing is wrong with them. A path that is empty is passed over. */
export function examineTlsFiles(paths: TlsPaths): {
  readonly contents: Certificates
  readonly faults: readonly TlsFileError[]
} {
  const { certFile, keyFile, clientCaFile = '' } = paths
  const faults: TlsFileError[] = []
  /** What `work` makes; `undefined` where it throws a fault. */
  const collect = <T>(work: () => T): T | undefined => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof TlsFileError)) throw error
      faults.push(error)
      return undefined
    }
  }
  const cert = collect(() => certificatesIn('cert_file', certFile))
  const key = collect(() => keyIn(keyFile))
  const ca = collect(() => certificatesIn('client_ca_file', clientCaFile))
  if (cert && key) collect(() => expectPair(paths, cert, key))
  return { contents: { cert: cert?.pem ?? '', key: key?.pem ?? '', ca: ca?.pem }, faults }
}

/** The first certificate of a PEM text; `undefined` where it holds none, or a broken one. */
export function leafOf(pem: string): X509Certificate | undefined {
  const blocks = pem.match(pemCertificate) ?? []
  const all = blocks.map((text) => attempt(() => new X509Certificate(text)))
  const whole = blocks.length === pem.match(beginning)?.length
  return whole && !all.includes(undefined) ? all[0] : undefined
}

const beginning = /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/g
const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

interface InFile<T> {
  readonly pem: string
  readonly value: T
}

function certificatesIn(field: 'cert_file' | 'client_ca_file', file: string): InFile<X509Certificate> | undefined {
  if (file === '') return undefined
  const pem = read(field, file)
  const value = leafOf(pem)
  if (!value) throw new TlsFileError('TM-CFG-1007', field, file, 'not certificates in PEM, each of them whole')
  expectTaken(field, file, field === 'cert_file' ? { cert: pem } : { ca: pem })
  return { pem, value }
}

function keyIn(file: string): InFile<KeyObject> | undefined {
  if (file === '') return undefined
  const pem = read('key_file', file)
  const value = attempt(() => createPrivateKey(pem))
  if (!value) throw new TlsFileError('TM-CFG-1007', 'key_file', file, 'not a private key in PEM without a passphrase')
  return { pem, value }
}

function expectPair(paths: TlsPaths, cert: InFile<X509Certificate>, key: InFile<KeyObject>): void {
  if (!cert.value.checkPrivateKey(key.value))
    throw new TlsFileError(
      'TM-CFG-1007',
      'key_file',
      paths.keyFile,
      `not the key of the certificate in ${paths.certFile}`,
    )
  expectTaken('key_file', paths.keyFile, { cert: cert.pem, key: key.pem })
}

/** TLS has the last word: it objects to keys that are too short, for one. */
function expectTaken(field: TlsField, file: string, certificates: Partial<Certificates>): void {
  try {
    createSecureContext(contextOf(certificates))
  } catch (error) {
    // Of its error the code alone: the rest may quote the file.
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    throw new TlsFileError('TM-CFG-1007', field, file, `TLS does not take it${code}`)
  }
}

function read(field: TlsField, file: string): string {
  let problem = 'there is no such file'
  try {
    // Asked first: opening a pipe would wait for who writes into it.
    const found = statSync(file)
    if (found.isFile()) return readFileSync(file, 'utf8')
    if (found.isDirectory()) problem = 'it is a folder, not a file'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      throw new TlsFileError('TM-CFG-1004', field, file, `it cannot be read (${code})`)
  }
  throw new TlsFileError('TM-CFG-1003', field, file, problem)
}

/** What `make` returns; `undefined` where it throws. Its error may quote the file. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
