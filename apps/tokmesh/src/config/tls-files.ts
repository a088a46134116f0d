/** Whether the files of the TLS listener can be used, before it is opened. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ConfigReading } from '../config.ts'
import { type KeyName, keys } from './keys.ts'
import { type ConfigCode, type ConfigProblem, placeOf } from './problem.ts'

type FileKey = 'tlsCertFile' | 'tlsKeyFile' | 'tlsClientCaFile'

/** Everything wrong with the files, where HTTPS is enabled. None of their content is in a problem. */
export function tlsProblems({ config, origins }: Pick<ConfigReading, 'config' | 'origins'>): readonly ConfigProblem[] {
  if (!config.httpsEnabled) return []
  const problems: ConfigProblem[] = []
  const complain = (code: ConfigCode, name: KeyName & FileKey, cause: string, fix: string): undefined => {
    const { path } = keys[name]
    problems.push({ code, ...placeOf(origins[name], path), value: config[name], cause, fix })
  }
  const load = <T>(name: FileKey, parse: (pem: string) => T, noun: string): T | undefined => {
    if (config[name] === '') return undefined
    try {
      const pem = readFileSync(config[name], 'utf8')
      return tryTo(() => parse(pem)) ?? complain('TM-CFG-1007', name, `not ${noun} in PEM`, `put ${noun} there`)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR'
        ? complain('TM-CFG-1003', name, 'there is no such file', 'correct the path, or put the file there')
        : complain('TM-CFG-1004', name, 'the file cannot be read', 'let the user that runs TokMesh read it')
    }
  }
  const certificate = load('tlsCertFile', readCertificate, 'a certificate')
  const key = load('tlsKeyFile', readKey, 'a private key without a passphrase')
  load('tlsClientCaFile', readCertificate, 'certificates of authorities')
  if (certificate && key && !certificate.checkPrivateKey(key)) {
    complain('TM-CFG-1007', 'tlsKeyFile', 'not the key of the certificate', 'take the key that the certificate is for')
  }
  return problems
}

/** The first certificate of a PEM text. Throws for anything else. */
export function readCertificate(pem: string): X509Certificate {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new TypeError('no certificate')
  return new X509Certificate(pem)
}

const readKey = (pem: string): KeyObject => createPrivateKey(pem)

function tryTo<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
